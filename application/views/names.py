"""Names that no command would have given (U1, U2): verifiers cannot look, since an export holds no name (P4)."""

from __future__ import annotations

from application.views.entitlement import Entitlement
from domain.login_name import login_key, valid_login_name
from domain.refusals import LoginNameInvalid
from domain.state import Auditor, User


def misnamed(view: Entitlement) -> set[str]:
    """The ids of users and auditors whose name is invalid, has another login key, or is another one's too."""
    people: list[User | Auditor] = [*view.users.values(), *view.auditors.values()]
    return {*view.misnamed, *(_id(each) for each in people if not each.is_erased and not _is_sound(each))}


def _id(person: User | Auditor) -> str:
    return person.user_id if isinstance(person, User) else person.auditor_id


def _is_sound(person: User | Auditor) -> bool:
    name = person.login_name if isinstance(person, User) else person.name
    try:
        return valid_login_name(name) == name and login_key(name) == person.login_key
    except LoginNameInvalid:
        return False

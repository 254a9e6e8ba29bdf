"""Users over the API. Whatever is about one user answers with the user as it is then, and the warnings (U4)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from application import answers
from application.words import sentences
from application.words.erasing import left_to_do
from application.words.tokens import of_leaver
from domain.login_name import shown
from domain.refusals import UnknownUser
from interface.web.caller import language
from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import document


def list_users(
    caller: Caller, after: str, limit: int, search: str, deleted: bool | None, administrator: bool | None
) -> Response:
    """GET /api/v1/users: by name, a page at a time; `deleted` and `administrator` None give all."""
    page = caller.seatledger.user_list.page(
        caller.on_day.view, after=after, limit=limit, search=search, deleted=deleted, administrator=administrator
    )
    return document({"users": [answers.of_user(user) for user in page.users], "next": page.next})


def show_user(caller: Caller, login_name: str) -> Response:
    """GET /api/v1/users/{login_name}, present or deleted."""
    _ask_utf8(login_name)
    return _user(caller, login_name, 200)


def add_user(caller: Caller, login_name: str, administrator: bool) -> Response:
    """POST /api/v1/users; an administrator takes the scope of granting it besides."""
    if administrator:
        caller.ask_scope("administrators")
    licensing = caller.seatledger.licensing
    licensing.add_user(
        caller.installation_id, login_name, administrator=administrator, by=caller.by, command_id=caller.command_id
    )
    return _user(caller, login_name, 201)


def delete_user(caller: Caller, login_name: str) -> Response:
    """DELETE /api/v1/users/{login_name}; deleting a deleted user changes nothing (U7)."""
    return _answer_to(caller, caller.seatledger.licensing.delete_user, login_name, leaves=True)


def restore_user(caller: Caller, login_name: str) -> Response:
    """POST /api/v1/users/{login_name}/restore; takes no body."""
    return _answer_to(caller, caller.seatledger.licensing.restore_user, login_name)


def rename_user(caller: Caller, login_name: str, new_name: str) -> Response:
    """POST /api/v1/users/{login_name}/rename (U8); an administrator's name takes the scope of granting it besides."""
    _ask_utf8(login_name)
    user = caller.on_day.view.user(login_name)
    if user is not None and user.is_administrator:
        caller.ask_scope("administrators")
    caller.seatledger.licensing.rename_user(
        caller.installation_id, login_name, new_name, by=caller.by, command_id=caller.command_id
    )
    return _user(caller, new_name, 200)


def erase_user(caller: Caller, login_name: str, free_name: bool) -> Response:
    """POST /api/v1/users/{login_name}/erase: a deleted user's name is forgotten for ever (P2)."""
    _ask_utf8(login_name)
    licensing = caller.seatledger.licensing
    erased = licensing.erasing.user(
        caller.installation_id, login_name, frees_name=free_name, by=caller.by, command_id=caller.command_id
    )
    warned = sentences.of_warnings_after_command(licensing.now(caller.installation_id), language())
    warned += left_to_do(erased, language())
    return document({"account_id": erased.account_id, "warnings": answers.of_warnings(warned)})


def grant_administrator(caller: Caller, login_name: str) -> Response:
    """PUT /api/v1/users/{login_name}/administrator; takes no body."""
    return _answer_to(caller, caller.seatledger.licensing.grant_administrator, login_name)


def revoke_administrator(caller: Caller, login_name: str) -> Response:
    """DELETE /api/v1/users/{login_name}/administrator."""
    return _answer_to(caller, caller.seatledger.licensing.revoke_administrator, login_name, leaves=True)


def _answer_to(caller: Caller, command: Callable[..., None], login_name: str, *, leaves: bool = False) -> Response:
    """`leaves`: the command took a right, so that tokens that the user made are warned of (S-10)."""
    _ask_utf8(login_name)
    command(caller.installation_id, login_name, by=caller.by, command_id=caller.command_id)
    return _user(caller, login_name, 200, leaves=leaves)


def _user(caller: Caller, login_name: str, status: int, *, leaves: bool = False) -> Response:
    licensing = caller.seatledger.licensing
    now = licensing.now(caller.installation_id)
    user = now.user(login_name)
    if user is None:
        former = now.view.users.get(now.view.account_id(login_name) or "")
        facts = {"now": former.login_name} if former else {}
        raise UnknownUser(login_name=shown(login_name), **facts)
    warned = sentences.of_warnings_after_command(now, language())
    if leaves:
        warned += of_leaver(user.user_id, now, language())
    return document({"user": answers.of_user(user), "warnings": answers.of_warnings(warned)}, status)


def _ask_utf8(login_name: str) -> None:
    """Raises UnknownUser if the path was not UTF-8; Flask puts U+FFFD, a valid character, for what is not."""
    try:
        request.environ["PATH_INFO"].encode("latin-1").decode()  # WSGI hands over bytes as Latin-1
    except UnicodeError:
        raise UnknownUser(login_name=shown(login_name)) from None

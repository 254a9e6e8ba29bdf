"""The decisions of some hours, for a gateway that must go on when Seatledger cannot be reached (ADR 59)."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from application import answers
from application.views.day_view import DayView
from application.words import denied, sentences
from application.words.language import Language
from domain.local_time import A_MOMENT, DayNeverWas, end_of_day
from domain.login import Decision, LoginDecision, decide_present, last_release_covered, license_code
from domain.refusals import Refused
from domain.state import User

VERSION = 1

TYPE = "seatledger-snapshot+json"
"""The `typ` of the signature: with it, nothing else that the log key signed can be taken for a snapshot."""

SALT_BYTES = 16

ADMINISTRATOR, USER, DELETED = "administrator", "user", "deleted"
"""The kinds of users; a decision depends on nothing else of somebody."""


class SnapshotsOff(Refused):
    """Whoever runs the installation has not said for how long a snapshot would be good."""

    code = "snapshots_off"


def decision_snapshot(
    on_day: DayView, made_at: datetime, hours: int, salt: bytes, language: Language
) -> answers.Answer:
    """What every user is answered at every moment until `hours` after `made_at` if nothing is recorded until then.

    Login names stand in it as keyed hashes alone (`name_hash`). Raises SnapshotsOff if `hours` is 0.
    """
    if not hours:
        raise SnapshotsOff
    good_until = made_at + timedelta(hours=hours)
    return {
        "version": VERSION,
        "installation_id": str(on_day.installation_id),
        "product": on_day.view.product,
        "position": on_day.position,
        "made_at": answers.rfc3339(made_at),
        "good_until": answers.rfc3339(good_until),
        "salt": salt.hex(),
        "days": [_of_day(DayView(on_day.view, day), until, language) for day, until in _days(on_day, good_until)],
        "nobody": {code: _refusal(code, on_day, language) for code in ("unknown_user", "user_deleted")},
        "users": {name_hash(salt, user.login_key): _kind(user) for user in _users(on_day)},
    }


def name_hash(salt: bytes, login_key: str) -> str:
    """By what a snapshot knows a login name: the first 128 bits of HMAC-SHA-256 of what names are compared by."""
    return hmac.digest(salt, login_key.encode(), "sha256").hex()[:32]


def _users(on_day: DayView) -> Iterator[User]:
    """Everybody who has a name; an erased person's is nobody's."""
    view = on_day.view
    return (user for user in view.users.values() if not user.is_erased and view.user(user.login_name) is user)


def _kind(user: User) -> str:
    if user.is_deleted:
        return DELETED
    return ADMINISTRATOR if user.is_administrator else USER


def _days(on_day: DayView, good_until: datetime) -> Iterator[tuple[date, datetime]]:
    """The days from that of the view on, each with the moment at which it ends."""
    day, until = on_day.day, datetime.min.replace(tzinfo=UTC)
    while until < good_until:
        with suppress(DayNeverWas):
            until = end_of_day(day, on_day.time_zone) + A_MOMENT
            yield day, until
        day += timedelta(days=1)


def _of_day(on_day: DayView, until: datetime, language: Language) -> answers.Answer:
    """The decisions of a day by kind, and those about a version that was released later than is covered (L4)."""
    answer: answers.Answer = {"day": on_day.day.isoformat(), "until": answers.rfc3339(until)}
    for kind in (USER, ADMINISTRATOR):
        login = decide_present(on_day, "", license_code(on_day), kind == ADMINISTRATOR)
        answer[kind] = _of(login, sentences.of_decision(login, on_day, language))
    covered, code = last_release_covered(on_day.standing, on_day.time_zone), license_code(on_day, date.max)
    if covered is not None and code == "release_not_covered":
        answer["covers_releases_until"] = covered.isoformat()
        answer["uncovered_release"] = {
            kind: _of(
                decide_present(on_day, "", code, kind == ADMINISTRATOR),
                denied.sentence(code, language, is_administrator=kind == ADMINISTRATOR),
            )
            for kind in (USER, ADMINISTRATOR)
        }
    return answer


def _refusal(code: str, on_day: DayView, language: Language) -> answers.Answer:
    """The decision for somebody who is no present user, on whatever day."""
    login = LoginDecision("", Decision.REFUSE, code, False, (), on_day.standing)
    return _of(login, sentences.of_decision(login, on_day, language))


def _of(login: LoginDecision, message: str) -> answers.Answer:
    return {
        "decision": login.decision.value,
        "code": login.code,
        "message": message,
        "optional_products": list(login.optional_products),
    }

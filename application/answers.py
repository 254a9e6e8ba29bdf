"""The answers of the API and of `--json`: views as plain values, with the names that are contracts."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any, NamedTuple

from application.licensing import Registration
from application.views.entitlement import Entitlement, HistoryEntry, User
from application.words import sentences
from domain.license import Period, Standing, Turn
from domain.login import Decision, LoginDecision


def of_period(period: Period | None, day: date) -> dict[str, Any] | None:
    if period is None:
        return None
    return {
        "start": period.start.isoformat(),
        "end": period.end.isoformat() if period.end else None,
        "status": period.status(day).value,
        "days_left": period.days_left(day),
    }


def of_standing(standing: Standing, in_use: int) -> dict[str, Any]:
    """The license as it stands on a day, with the counts: Valid, In use, Available."""
    license_ = standing.license
    return {
        "edition": standing.edition,
        "valid": standing.valid,
        "in_use": in_use,
        "available": standing.valid - in_use,
        "license_period": of_period(license_.license_period, standing.day) if license_ else None,
        "maintenance_period": of_period(standing.maintenance, standing.day),
        "covered_until": standing.covered_until.isoformat() if standing.covered_until else None,
        "next": of_pending(standing.next, standing.day),
    }


def of_pending(turn: Turn | None, day: date) -> dict[str, Any] | None:
    """A license that waits for its day."""
    if turn is None:
        return None
    return {
        "edition": turn.license.edition,
        "valid": turn.license.licenses,
        "license_period": of_period(turn.license.license_period, day),
        "maintenance_period": of_period(turn.license.maintenance_period, day),
        "optional_products": list(turn.license.optional_products),
        "starts_on": turn.effect_day.isoformat(),
    }


def of_installation(view: Entitlement, day: date) -> dict[str, Any]:
    """The answer of `license show --json` and GET /api/v1/license."""
    return {
        "installation_id": str(view.installation_id),
        "name": view.name,
        "product": view.product,
        "time_zone": view.time_zone,
        "license": of_standing(view.schedule.on(day), view.in_use),
        "checked_on": day.isoformat(),
        "position": view.position,
    }


def of_registration(registration: Registration, view: Entitlement, day: date) -> dict[str, Any]:
    """The answer of POST /api/v1/license-keys; `takes_effect_on` is null if the key was replaced since (K2)."""
    standing = view.schedule.on(day)
    key_id = registration.key.license.key_id
    turn = next((turn for turn in view.schedule.turns if turn.license.key_id == key_id), None)
    return {
        "result": "registered" if registration.is_new else "already_registered",
        "message": sentences.of_registration(turn, standing, is_new=registration.is_new),
        "takes_effect_on": turn.effect_day.isoformat() if turn else None,
        "license": of_standing(standing, view.in_use),
        "warnings": sentences.joined(sentences.of_warnings(view, day)),
    }


def of_login_check(made: LoginDecision, view: Entitlement, release_date: date | None = None) -> dict[str, Any]:
    """The answer of `check --json` and GET /api/v1/login-check (L2)."""
    return LoginChecks().answer(made, view, release_date)


class LoginChecks:
    """Makes the answers to login checks, one after another.

    Keeps what depends on the view and the day alone, which is most of an answer: a gateway asks at every login,
    and a view lasts until something is recorded. Threads may share it.
    """

    def __init__(self) -> None:
        self._kept: _Kept | None = None

    def answer(self, made: LoginDecision, view: Entitlement, release_date: date | None = None) -> dict[str, Any]:
        """The same as `of_login_check`; nobody may change what is in it."""
        kept = self._kept
        if kept is None or kept.view is not view or kept.standing is not made.standing:
            license_ = of_standing(made.standing, view.in_use)
            kept = self._kept = _Kept(view, made.standing, license_, made.standing.day.isoformat(), {})
        key = (made.code, made.decision, release_date)
        message = kept.messages.get(key)
        if message is None:
            message = sentences.of_decision(made, view, release_date)
            if len(kept.messages) < KEPT_MESSAGES:
                kept.messages[key] = message
        return {
            "login_name": made.login_name,
            "decision": made.decision.value,
            "code": made.code,
            "message": message,
            "optional_products": list(made.optional_products),
            "license": kept.license,
            "checked_on": kept.checked_on,
            "position": view.position,
        }


class _Kept(NamedTuple):
    """What the login checks of one view on one day have in common."""

    view: Entitlement
    standing: Standing
    license: dict[str, Any]
    checked_on: str
    messages: dict[tuple[str, Decision, date | None], str]


KEPT_MESSAGES = 100


def of_user(user: User) -> dict[str, Any]:
    return {"login_name": user.login_name, "administrator": user.is_administrator, "deleted": user.is_deleted}


def of_history_entry(entry: HistoryEntry) -> dict[str, Any]:
    """One event of GET /api/v1/history and `history --json`."""
    return {
        "position": entry.position,
        "recorded_at": entry.recorded_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "day": entry.day.isoformat(),
        "event": entry.event,
        "by": entry.by,
        "command_id": entry.command_id,
        **entry.fields,
    }

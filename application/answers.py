"""The answers of the API and of `--json`: views as plain values, with the names that are contracts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

from application.licensing import Registration
from application.views.day_view import DayView
from application.views.entitlement import Entitlement, RegisteredKey
from application.views.history import HistoryEntry
from application.views.if_nobody_acts import Coming, ComingEvent, if_nobody_acts
from application.views.license_keys import KeyLine
from application.views.outcome import Outcome, Shortening, outcome
from application.views.preview import Harm, HarmKind, Preview, PreviewDay
from application.views.replacements import cancellations, replacements
from application.views.tokens import TokenLine
from application.words import sentences
from application.words.foreseen import of_coming as sentence_of_coming
from application.words.history import doer_of
from application.words.language import Language
from application.words.preview import days_of as days_of_gap
from application.words.preview import of_harm, of_no_way_back, of_shortening
from application.words.preview import of_preview as of_previewed
from application.words.registration import of_registration as of_registered
from application.words.sentences import Warned
from domain.license import Cancellation, License, Part, Period, Standing, Turn
from domain.login import Decision, LoginDecision, last_release_covered, license_code, release_is_covered
from domain.state import User

if TYPE_CHECKING:
    from application.webhooks import Webhook

Answer = dict[str, object]  # object: JSON
"""An answer as it becomes JSON: texts, numbers, true, false, null, and lists and dictionaries of them."""


def day_text(day: date | None) -> str | None:
    """A day as JSON has it; null for none."""
    return day.isoformat() if day else None


def of_period(period: Period | None, day: date) -> Answer | None:
    if period is None:
        return None
    return {
        "start": period.start.isoformat(),
        "end": day_text(period.end),
        "status": period.status(day).value,
        "days_left": period.days_left(day),
    }


def of_standing(standing: Standing, in_use: int) -> Answer:
    """The license as it stands on a day, with the counts: Valid, In use, Available."""
    license_ = standing.license
    return {
        "edition": standing.edition,
        "valid": standing.valid,
        "in_use": in_use,
        "available": standing.valid - in_use,
        "license_period": of_period(license_.license_period, standing.day) if license_ else None,
        "maintenance_period": of_period(standing.maintenance, standing.day),
        "covered_until": day_text(standing.covered_until),
        "next": of_pending(standing.next, standing.day),
    }


def of_pending(turn: Turn | None, day: date) -> Answer | None:
    """A license that waits for its day; without the maintenance and the optional products that were cancelled."""
    if turn is None:
        return None
    return {
        "edition": turn.license.edition,
        "valid": turn.license.licenses,
        "license_period": of_period(turn.license.license_period, day),
        "maintenance_period": of_period(turn.maintenance_period, day),
        "optional_products": list(turn.optional_products),
        "starts_on": turn.effect_day.isoformat(),
    }


def of_installation(on_day: DayView, language: Language) -> Answer:
    """The answer of `license show --json` and GET /api/v1/license; `warnings` are for administrators (K11, K13)."""
    view, standing = on_day.view, on_day.standing
    until = standing.maintenance_covered_until
    license_ = {
        **of_standing(standing, view.in_use),
        "maintenance_covered_until": day_text(until),
        **_of_key(on_day.key_of(standing.license)),
    }
    if standing.next is not None:
        coming = of_pending(standing.next, standing.day) or {}
        license_["next"] = {**coming, **_of_key(on_day.key_of(standing.next.license))}
    return {
        "installation_id": str(view.installation_id),
        "name": view.name,
        "product": view.product,
        "time_zone": view.time_zone,
        "license": license_,
        "warnings": of_stages(sentences.of_warnings(on_day, language)),
        "if_nobody_acts": of_coming(if_nobody_acts(on_day), language),
        "checked_on": on_day.day.isoformat(),
        "position": view.position,
    }


def _of_key(key: RegisteredKey | None) -> Answer:
    """By what the license key is known that a license was registered with."""
    return key._asdict() if key else dict.fromkeys(RegisteredKey._fields)


def of_cover(on_day: DayView, release_date: date, language: Language) -> Answer:
    """The answer of `license covers --json` and GET /api/v1/license/covers (L4): may that version be used?

    `code` is what every login is answered once it is installed; `key_needed` says which license key would cover it.
    """
    is_covered = release_is_covered(on_day.standing, release_date, on_day.time_zone)
    last_release = last_release_covered(on_day.standing, on_day.time_zone)
    day = release_date.isoformat()
    return {
        "release_date": day,
        "covered": is_covered,
        "code": license_code(on_day, release_date),
        "last_release_date": day_text(last_release),
        "key_needed": None if is_covered else {"issued_from": day, "or_maintenance_until": day},
        "message": sentences.of_cover(on_day, release_date, language),
        "checked_on": on_day.day.isoformat(),
        "position": on_day.position,
    }


def of_registration(registration: Registration, on_day: DayView, language: Language) -> Answer:
    """The answer of POST /api/v1/license-keys; `takes_effect_on` is null if the key was replaced since (K2).

    `cancelled` is what a new key cancelled, `cancelled_by` what has replaced or cancelled one that was there (K12).
    """
    license_ = registration.key.license
    replacement = replacements(on_day).get(license_.key_id)
    turn = None if replacement else on_day.view.schedule.turn_of(license_.key_id)
    brought = outcome(on_day.view, license_.key_id) if registration.is_new else Outcome()
    shortened = sentences.of_shortenings(brought.shortenings, language)
    return {
        "result": "registered" if registration.is_new else "already_registered",
        "message": of_registered(license_, on_day, language, is_new=registration.is_new),
        "takes_effect_on": turn.effect_day.isoformat() if turn else None,
        "license": of_standing(on_day.standing, on_day.in_use),
        "cancelled": [_of_cancellation(each) for each in brought.cancellations],
        "cancelled_by": [] if registration.is_new else list(_of_cancelling(license_, on_day)),
        "warnings": of_warnings([*shortened, *sentences.of_warnings_after_command(on_day, language)]),
    }


def of_preview(preview: Preview, language: Language) -> Answer:
    """The answer of POST /api/v1/license-keys/preview and `license preview --json`: days without the key and with it.

    `would_happen` is what the key makes worse; `confirmation` is what one confirms who has seen this.
    """
    takes_effect_on = preview.takes_effect_on
    return {
        "result": "can_be_registered" if preview.is_new else "already_registered",
        "message": of_previewed(preview, language),
        "takes_effect_on": day_text(takes_effect_on),
        "needs_confirmation": preview.is_harmful,
        "confirmation": preview.confirmation,
        "would_happen": [
            *(_of_harm(harm, preview, language) for harm in preview.harms),
            *(_of_shortening(one, language) for one in preview.shortenings),
        ],
        "days": [_of_preview_day(on, preview) for on in preview.days],
        "gaps": [{"what": gap.part.value, **_of_days(gap.days), "days": days_of_gap(gap)} for gap in preview.gaps],
        "cancelled": [_of_cancellation(each) for each in preview.outcome.cancellations],
        "no_way_back": of_no_way_back(preview, language),
        "checked_on": preview.today.isoformat(),
        "position": preview.without_key.position,
    }


MOST_USERS = 100
"""How many login names of those who would be shut out stand in an answer; `count` counts all of them."""


def _of_preview_day(on: PreviewDay, preview: Preview) -> Answer:
    return {
        "day": on.day.isoformat(),
        "without": _of_side(on.without_key),
        "with": _of_side(on.with_key),
        "shut_out": _of_shut_out(preview) if on.shuts_out else {"count": 0, "administrators": 0, "login_names": []},
        "options_stop": list(on.options_stop),
        "options_begin": list(on.options_begin),
    }


def _of_side(on_day: DayView) -> Answer:
    """What is answered on a day: `code` is that of a login, and the optional products those that may be used."""
    last_release = last_release_covered(on_day.standing, on_day.time_zone)
    return {
        "code": license_code(on_day),
        "optional_products": list(on_day.standing.products_in_use),
        "last_release_date": day_text(last_release),
        "license": of_standing(on_day.standing, on_day.in_use),
    }


def _of_shut_out(preview: Preview) -> Answer:
    """Who cannot log in; administrators are counted apart, as the Admin screen is left to them."""
    users = preview.ordinary_users
    return {
        "count": len(users),
        "administrators": len(preview.users) - len(users),
        "login_names": [user.login_name for user in users[:MOST_USERS]],
    }


def _of_harm(harm: Harm, preview: Preview, language: Language) -> Answer:
    answer: Answer = {"code": harm.kind.value, "message": of_harm(harm, preview, language), **_of_days(harm.days)}
    match harm.kind:
        case HarmKind.USERS_SHUT_OUT:
            answer |= {"login_code": harm.code, **_of_shut_out(preview)}
        case HarmKind.OPTIONS_STOP:
            answer["optional_products"] = list(harm.products)
        case HarmKind.RELEASES_LOST if harm.last_release:
            answer["last_release_date"] = harm.last_release.isoformat()
    return answer


def _of_shortening(one: Shortening, language: Language) -> Answer:
    return {
        "code": "cover_shortened",
        "message": of_shortening(one, language),
        "what": one.part.value,
        "before": day_text(one.before),
        "after": day_text(one.after),
    }


def _of_cancellation(cancellation: Cancellation) -> Answer:
    license_, days = cancellation.license, cancellation.days
    return {
        "key_id": license_.key_id,
        "what": cancellation.part.value,
        "edition": license_.edition,
        "valid": license_.licenses,
        "optional_products": list(license_.optional_products),
        **_of_days(days),
    }


def _of_cancelling(license_: License, on_day: DayView) -> Iterator[Answer]:
    """By which license this one was replaced or cancelled, and by which its maintenance was cancelled."""
    schedule, replacement = on_day.view.schedule, replacements(on_day).get(license_.key_id)
    if replacement is not None:
        yield {"what": Part.LICENSE.value, "key_id": replacement.by.key_id, "on": replacement.on.isoformat()}
    lost = cancellations(schedule, Part.MAINTENANCE).get(license_.key_id)
    if lost is not None:
        yield {"what": Part.MAINTENANCE.value, "key_id": lost.by.key_id, "on": lost.on.isoformat()}


def _of_days(period: Period) -> Answer:
    return {"start": period.start.isoformat(), "end": day_text(period.end)}


def of_warnings(warned: Iterable[Warned]) -> list[Answer]:
    """Warnings in the answer to a command: with what programs are told besides, such as the day (K12, K13)."""
    return [{"code": warning.code, "message": warning.message, **warning.about} for warning in warned]


def of_stages(warned: Iterable[Warned]) -> list[Answer]:
    """Warnings where one asks for them: each with the stage that has come, and the day that it is about."""
    return [
        {
            "code": warning.code,
            "stage": warning.stage,
            "day": day_text(warning.day),
            "message": warning.message,
            **warning.about,
        }
        for warning in warned
    ]


def of_coming(coming: Iterable[Coming], language: Language) -> list[Answer]:
    """What the calendar will begin and end if nobody acts, by day."""
    return [{"day": one.day.isoformat(), "event": one.event.value, **_about(one, language)} for one in coming]


def _about(one: Coming, language: Language) -> Answer:
    answer: Answer = {"message": sentence_of_coming(one, language)}
    was, becomes = one.was, one.becomes
    match one.event:
        case ComingEvent.LICENSE_TAKES_EFFECT if becomes.license is not None:
            answer |= {"key_id": becomes.license.key_id, "edition": becomes.edition, "valid": becomes.valid}
            answer["license_period"] = _of_days(becomes.license.license_period)
        case ComingEvent.LICENSE_ENDS if was.license is not None:
            answer |= {"key_id": was.license.key_id, "edition": was.edition, "valid": was.valid}
        case ComingEvent.MAINTENANCE_BEGINS if becomes.maintenance is not None:
            answer["maintenance_period"] = _of_days(becomes.maintenance)
        case ComingEvent.MAINTENANCE_ENDS if was.maintenance is not None:
            answer["maintenance_period"] = _of_days(was.maintenance)
        case ComingEvent.OPTIONS_BEGIN | ComingEvent.OPTIONS_STOP:
            answer["optional_products"] = list(one.products)
        case ComingEvent.USERS_SHUT_OUT:
            answer |= {"code": one.code, "valid": becomes.valid, "in_use": one.in_use, "beyond": one.beyond}
    return answer


def of_login_check(
    login: LoginDecision, on_day: DayView, language: Language, release_date: date | None = None
) -> Answer:
    """The answer of `check --json` and GET /api/v1/login-check (L2)."""
    return LoginChecks().answer(login, on_day, language, release_date)


class LoginChecks:
    """Makes the answers to login checks, one after another.

    Keeps what depends on the view and the day alone, which is most of an answer: a gateway asks at every login,
    and a view lasts until something is recorded. Threads may share it.
    """

    def __init__(self) -> None:
        self._memo: _Memo | None = None

    def answer(
        self, login: LoginDecision, on_day: DayView, language: Language, release_date: date | None = None
    ) -> Answer:
        """The same as `of_login_check`; nobody may change the license in it."""
        memo = self._memo
        if memo is None or memo.view is not on_day.view or memo.standing is not login.standing:
            license_ = of_standing(login.standing, on_day.in_use)
            memo = self._memo = _Memo(on_day.view, login.standing, license_, login.standing.day.isoformat(), {})
        key = (login.code, login.decision, release_date, language.tag)
        message = memo.messages.get(key)
        if message is None:
            message = sentences.of_decision(login, on_day, language, release_date)
            if len(memo.messages) < KEPT_MESSAGES:
                memo.messages[key] = message
        return {
            "login_name": login.login_name,
            "decision": login.decision.value,
            "code": login.code,
            "message": message,
            "optional_products": list(login.optional_products),
            "administrator": login.is_administrator,
            "license": memo.license,
            "checked_on": memo.checked_on,
            "position": on_day.position,
        }


class _Memo(NamedTuple):
    """What the login checks of one view on one day have in common."""

    view: Entitlement
    standing: Standing
    license: Answer
    checked_on: str
    messages: dict[tuple[str, Decision, date | None, str], str]


KEPT_MESSAGES = 100


def of_license_keys(keys: Iterable[KeyLine], on_day: DayView, language: Language) -> Answer:
    """The answer of `license list --json` and GET /api/v1/license-keys: without any key's text."""
    return {
        "license_keys": [_of_license_key(key, on_day, language) for key in keys],
        "checked_on": on_day.day.isoformat(),
        "position": on_day.position,
    }


def _of_license_key(key: KeyLine, on_day: DayView, language: Language) -> Answer:
    license_, event = key.license, key.registration
    return {
        "key_id": license_.key_id,
        "fingerprint": event.fingerprint,
        "signing_key_id": event.signing_key_id,
        "edition": license_.edition,
        "valid": license_.licenses,
        "license_period": of_period(license_.license_period, on_day.day),
        "maintenance_period": of_period(license_.maintenance_period, on_day.day),
        "optional_products": list(license_.optional_products),
        "issued_at": rfc3339(datetime.fromtimestamp(license_.issued_at, UTC)),
        "registered_on": event.day,
        "registered_at": rfc3339(event.timestamp),
        "by": event.by,
        "registered_by": doer_of(event, on_day.view, language),
        "event": event.originator_version,
        "status": key.status.value,
        "takes_effect_on": day_text(key.takes_effect_on),
        "replaced_by": key.replacement.by.key_id if key.replacement else None,
        "replaced_on": key.replacement.on.isoformat() if key.replacement else None,
        "maintenance_cancelled_by": key.lost_maintenance.by.key_id if key.lost_maintenance else None,
        "maintenance_cancelled_on": key.lost_maintenance.on.isoformat() if key.lost_maintenance else None,
    }


def _moment(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None


def rfc3339(moment: datetime) -> str:
    """A moment as answers spell it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def of_webhook(webhook: Webhook, waiting: int, language: Language) -> Answer:
    """A webhook in `webhook list --json`; `waiting` events of the log were not looked at for it."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "types": list(webhook.types),
        "signature": webhook.signature,
        "position": webhook.position,
        "waiting": waiting,
        "delivered_at": _moment(webhook.delivered_at),
        "stopped": webhook.stopped,
        "failures": webhook.failures,
        "failing_since": _moment(webhook.failing_since),
        "next_try_at": None if webhook.stopped else _moment(webhook.next_at),
        "problem": {"code": webhook.problem.code, "message": language.clause(webhook.problem)}
        if webhook.problem
        else None,
    }


def of_user(user: User) -> Answer:
    """A user in GET /api/v1/users; `erased` is there for erased ones alone, whose name is nobody's (P2)."""
    answer: Answer = {
        "login_name": user.login_name,
        "administrator": user.is_administrator,
        "deleted": user.is_deleted,
    }
    return {**answer, "erased": True} if user.is_erased else answer


def of_token(line: TokenLine, maker: str) -> Answer:
    """One token of `token list --json`; `by` is who made it as in the log, `made_by` is their name."""
    token = line.token
    return {
        "token_id": token.token_id,
        "name": token.name,
        "scopes": list(token.scopes),
        "status": line.status,
        "created_on": token.created_on.isoformat(),
        "expires_on": day_text(token.expires_on),
        "last_used_on": day_text(line.last_used_on),
        "by": token.by,
        "made_by": maker,
        "maker_has_left": line.maker_has_left,
    }


def of_history_entry(entry: HistoryEntry) -> Answer:
    """One event of GET /api/v1/history and `history --json`."""
    return {
        "position": entry.position,
        "recorded_at": rfc3339(entry.recorded_at),
        "day": entry.day.isoformat(),
        "event": entry.kind,
        "by": entry.by,
        "command_id": entry.command_id,
        **entry.fields,
    }

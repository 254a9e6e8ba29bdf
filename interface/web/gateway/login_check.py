"""GET /api/v1/login-check: may this person log in, and with what."""

from __future__ import annotations

from datetime import date, datetime

from flask import Response

from application import answers
from application.answers import LoginChecks
from domain.login import LoginDecision, decide
from interface.web.caller import language
from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import document
from interface.web.gateway.replay import ask_now_or_audit, then

_answers = LoginChecks()
"""For now alone: an answer about the past would put aside what every login needs next."""


def login_check(
    caller: Caller,
    login_name: str,
    release_date: date | None,
    _lang: str | None,
    as_of: datetime | date | None,
    position: int | None,
    on: date | None,
) -> Response:
    """The decision for `login_name` today; `release_date` is the day on which the asking version was released (L4).

    Its sentence is in the language `lang` (see caller.language), else in that of the header Accept-Language (L2).

    With SEATLEDGER_MAX_AGE_MS it says how old it may be (`max_age_ms`), and while the database is away up to which
    moment it was certainly true (`stale_since`).

    With `as_of` or `position`, the decision that was given then (A1), to a token with the scope audit.
    """
    ask_now_or_audit(caller, as_of, position)
    on_day = then(caller, as_of, position, on)
    decision = decide(on_day, login_name, release_date)
    if on_day is not caller.on_day:
        return document(answers.of_login_check(decision, on_day, language(), release_date))
    return document(_answer_now(caller, decision, release_date))


def answer_now(caller: Caller, login_name: str, release_date: date | None) -> answers.Answer:
    """The answer about now, which every way to ask for a decision gives in its own form."""
    return _answer_now(caller, decide(caller.on_day, login_name, release_date), release_date)


def _answer_now(caller: Caller, decision: LoginDecision, release_date: date | None) -> answers.Answer:
    on_day = caller.on_day
    caller.seatledger.login_counts.note(decision.decision, decision.code)
    answer = _answers.answer(decision, on_day, language(), release_date)
    if max_age := caller.seatledger.licensing.max_age:
        answer["max_age_ms"] = round(1000 * max_age)
    if on_day.stale_since is not None:
        answer["stale_since"] = answers.rfc3339(on_day.stale_since)
    return answer

"""Audit > History: what happened, newest first, in sentences, each leading to how it was then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import NamedTuple

from flask import Blueprint, render_template, request

from application.views.entitlement import Entitlement, RegisteredKey, is_alarm
from application.views.history import Filter
from application.views.history_lines import HistoryLine, HistoryPage
from application.words import history as history_sentences
from application.words.messages import Message, message
from domain.installation import Installation
from domain.refusals import Problem, Refused
from interface.web import caller
from interface.web.audiences import status_of
from interface.web.audit import fields
from interface.web.local_time import local_time

blueprint = Blueprint("history", __name__, url_prefix="/audit/history")

PAGE = 50

FIELDS = ("event", "login_name", "by", "from", "to")

KINDS: dict[str, Message] = {
    "InstallationOpened": message("Installation opened"),
    "LicenseRegistered": message("License registered"),
    "LicenseKeyRefused": message("License key refused"),
    "UserAdded": message("User added"),
    "UserDeleted": message("User deleted"),
    "UserRestored": message("User restored"),
    "UserRenamed": message("User renamed"),
    "AdministratorGranted": message("Administrator granted"),
    "AdministratorRevoked": message("Administrator revoked"),
    "AuditorAdded": message("Auditor added"),
    "AuditorRemoved": message("Auditor removed"),
    "PasswordLinkMade": message("Password link made"),
    "PasswordChanged": message("Password changed"),
    "TokenCreated": message("Token created"),
    "TokenRevoked": message("Token revoked"),
    "ClockCorrected": message("Clock corrected"),
    "DayReached": message("Day reached"),
    "OperatorSeen": message("Operator seen"),
    "PersonErased": message("Person erased"),
    "RestoreAccepted": message("Restore accepted"),
    "LogAnchorContradicted": message("Log anchor contradicted"),
}
"""The kinds of events as people read them: “License registered”."""


class Line(NamedTuple):
    """One line as it is shown; `position` is None for what the calendar brought about, `time` is the local one.

    `key` is by what the license key is known that the line registers. A line that stands for `number` events tells the
    newest of them as its `parts`; the oldest is at the position `first`.
    """

    position: int | None
    time: str | None
    sentence: str
    effects: list[str]
    is_alarm: bool
    key: RegisteredKey | None = None
    first: int | None = None
    number: int = 1
    parts: tuple[Line, ...] = ()


@blueprint.get("")
def screen() -> str:
    view = caller.view()
    only = selection(request.args, view)
    before = fields.position(request.args, "before", Problem("field_page"))
    page = caller.licensing().history_backwards(
        caller.installation_id(), before=before, limit=PAGE, only=only, one_by_one=_one_by_one()
    )
    return _screen(view, page, is_filtered=not only.is_empty)


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    """What was typed stays in the fields."""
    return _screen(caller.view(), HistoryPage([], None), is_filtered=True, refusal=refusal), status_of(refusal)


def _one_by_one() -> bool:
    """Whether each event is asked for, also where one command recorded many."""
    return request.args.get("all") == "1"


def selection(address: Mapping[str, str], view: Entitlement) -> Filter:
    """The filter that the address of the screen asks for. Raises FilterUnknown, NotReadable."""
    return Filter.of(
        view,
        event=fields.text(address, "event"),
        login_name=fields.text(address, "login_name"),
        by=fields.text(address, "by"),
        first_day=fields.day(address, "from", Problem("field_from")),
        last_day=fields.day(address, "to", Problem("field_to")),
    )


def _screen(view: Entitlement, page: HistoryPage, *, is_filtered: bool, refusal: Refused | None = None) -> str:
    contents = {name: request.args.get(name, "") for name in FIELDS}
    return render_template(
        "audit/history.html",
        days=list(_by_day(page.lines, view)),
        older=page.beyond,
        is_newest="before" not in request.args,
        fields=contents,
        selection={name: value for name, value in contents.items() if value},
        all="1" if _one_by_one() else None,
        is_filtered=is_filtered,
        kinds=KINDS,
        time_zone=view.time_zone,
        refusal=refusal,
    )


def _by_day(lines: list[HistoryLine], view: Entitlement) -> Iterator[tuple[date, list[Line]]]:
    for day, group in groupby(lines, key=lambda line: line.day):
        yield day, [line_of(line, view) for line in group]


def line_of(line: HistoryLine, view: Entitlement) -> Line:
    """A line of the history as it is shown in the language of the page."""
    sentence = history_sentences.of_line(line, view, caller.language())
    effects = history_sentences.of_effect(line.effect, caller.language()) if line.effect else []
    if line.entry is None:
        return Line(None, None, sentence, effects, is_alarm=False)
    deed = line.deed
    return Line(
        position=deed.last if deed else line.entry.position,
        time=local_time(line.entry.recorded_at, view.time_zone).partition(" ")[2],
        sentence=sentence,
        effects=effects,
        is_alarm=is_alarm(line.entry.event),
        key=view.license_keys.get(line.entry.event.key_id)
        if isinstance(line.entry.event, Installation.LicenseRegistered)
        else None,
        first=deed.first if deed else None,
        number=deed.number if deed else 1,
        parts=tuple(line_of(part, view) for part in line.parts),
    )

"""The screen that imports a list of users: what it would do is shown first, and exactly that is confirmed (ADR 67)."""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import NamedTuple

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from application.undo import UnknownCommand
from application.user_import import (
    Import,
    ImportLine,
    ImportOutdated,
    ImportRefused,
    ImportUnfinished,
    confirmation_of,
    read_csv,
)
from application.words.messages import plural
from application.words.user_import import of_plan, of_refused_logins, of_report
from domain.refusals import Problem, Refused
from interface.web import caller, form_ids
from interface.web.admin.confirmation import question
from interface.web.admin.passwords import offer_link
from interface.web.admin.users import MOST_OFFERED, offer_undo
from interface.web.audiences import status_of

MOST_BYTES = 4 * 1024 * 1024
"""The largest list that this screen takes. The page carries it, packed, in fewer bytes than a body may have."""

MOST_LINES = 200_000

MOST_NAMES = 100
"""How many of the names are shown; of the others, their number."""

blueprint = Blueprint("user_import", __name__, url_prefix="/users/import")


class ListAltered(Refused):
    """The list that the page carries is not as the page was made."""

    code = "list_altered"


class List(NamedTuple):
    """A list as it came, and whether deleted users in it are restored."""

    data: bytes
    restore: bool

    @property
    def packed(self) -> str:
        """As the page carries it."""
        return urlsafe_b64encode(zlib.compress(self.data)).decode("ascii")

    def lines(self) -> list[ImportLine]:
        """Raises ImportRefused."""
        return read_csv(self.data, most_lines=MOST_LINES, most_bytes=MOST_BYTES)


@blueprint.get("")
def screen() -> str:
    return _page()


@blueprint.post("")
def import_() -> ResponseReturnValue:
    """Without a confirmation, what the list would do; with one, that and nothing else is done."""
    list_ = _list()
    confirmation = request.form.get("confirmation")
    if confirmation is None:
        form_ids.let_come_again()
        planned = caller.licensing().plan_import(caller.installation_id(), list_.lines(), restore=list_.restore)
        return _page(list_, planned)
    try:
        return _imported(list_, confirmation)
    except ImportOutdated as refusal:
        return _outdated(list_, refusal)


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    if isinstance(refusal, ImportUnfinished):
        offer_undo(caller.language().say("What was imported can be taken back."), form_ids.command().command_id)
    list_ = None
    if isinstance(refusal, ImportRefused) and _names_deleted(refusal):
        list_ = _list()._replace(restore=True)
    return _page(list_, refusal=refusal), status_of(refusal)


def _imported(list_: List, confirmation: str) -> ResponseReturnValue:
    """Raises ImportOutdated."""
    lines = list_.lines()
    if any(line.administrator for line in lines) and (answer := question()):
        return answer
    own = form_ids.command()
    report = caller.licensing().import_users(
        caller.installation_id(),
        lines,
        restore=list_.restore,
        confirmed=confirmation,
        by=caller.account().by,
        command_id=own.command_id,
    )
    offer_undo(of_report(report, caller.language(), restore=list_.restore), own.command_id if report.lines else None)
    administrators = [line.login_name for line in report.new if line.administrator]
    for name in administrators[:MOST_OFFERED]:
        offer_link(name)
    if len(administrators) > MOST_OFFERED:
        text = caller.language().say(
            "There are {number} new administrators, and each needs a password. Make a link for each of the others on "
            "their line.",
            number=len(administrators),
        )
        flash(text, "note")
    return redirect(url_for("users.screen"), 303)


def _outdated(list_: List, refusal: ImportOutdated) -> ResponseReturnValue:
    """What it would do now; or, if it was this very form that changed it, which was sent twice, what it has done."""
    command_id = form_ids.command().command_id
    id_ = caller.installation_id()
    try:
        number = len(caller.licensing().user_command(id_, command_id).events)
    except UnknownCommand:
        planned = caller.licensing().plan_import(id_, list_.lines(), restore=list_.restore)
        return _page(list_, planned, refusal), status_of(refusal)
    say = caller.language().say
    text = say(
        plural(
            "This list is being imported, or was: {number} user of it so far. Check it again to see who is missing.",
            "This list is being imported, or was: {number} users of it so far. Check it again to see who is missing.",
        ),
        number=number,
    )
    offer_undo(text, command_id)
    return redirect(url_for("users.screen"), 303)


def _list() -> List:
    """The list of the form: a file, or what was pasted, or what a page carries. Raises ImportRefused, ListAltered."""
    restore = "restore" in request.form
    if "packed" in request.form:
        return List(_unpacked(request.form["packed"]), restore)
    data = b""
    if (file := request.files.get("file")) is not None:
        file.seek(0)  # a refusal reads it again
        data = file.read()
    return List(data or request.form.get("list", "").encode(), restore)


def _unpacked(packed: str) -> bytes:
    """At most MOST_BYTES and one more of them. Raises ListAltered."""
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(urlsafe_b64decode(packed.encode("ascii")), MOST_BYTES + 1)
    except (Error, UnicodeError, zlib.error):
        raise ListAltered from None
    if len(data) <= MOST_BYTES and not unpacking.eof:
        raise ListAltered
    return data


def _names_deleted(refusal: ImportRefused) -> bool:
    """Whether restoring deleted users would mend some of the lines."""
    lines = refusal.facts["lines"]
    assert isinstance(lines, list)  # noqa: S101  for the type checker
    return any(isinstance(problem, Problem) and problem.code == "name_of_deleted" for _, problem in lines)


def _page(list_: List | None = None, planned: Import | None = None, refusal: Refused | None = None) -> str:
    """The form and, of a plan, what would be done, with the button that does it.

    Of a list without a plan, in which deleted users stand, the button that asks what restoring them would do.
    """
    now, language = caller.now(), caller.language()
    return render_template(
        "user_import.html",
        now=now,
        list=list_,
        planned=planned,
        sentences=[
            each for each in (of_plan(planned, now, language), of_refused_logins(planned, now, language)) if each
        ]
        if planned
        else [],
        administrators=[line.login_name for line in planned.new if line.administrator] if planned else [],
        confirmation=confirmation_of(planned, now) if planned else None,
        most_names=MOST_NAMES,
        most_lines=MOST_LINES,
        refusal=refusal,
    )

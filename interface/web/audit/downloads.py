"""Downloads of the Audit area: the export as lines of JSON, and the history as a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO

from flask import Blueprint, Response, request, stream_with_context

from application.license_keys import KeyringInvalid
from application.log.failures import StorageFailed
from application.views.history import Filter
from application.views.history_lines import HistoryLine
from application.words import names_sheet
from application.words.history_sheet import sheet_of
from application.words.refusals import sentence
from domain.refusals import Refused
from interface.composition import license_keys
from interface.settings import SettingsInvalid
from interface.web import caller, errors
from interface.web.audit import history, overview
from interface.web.downloads import SHEET, attached

blueprint = Blueprint("downloads", __name__, url_prefix="/audit")

PAGE = 1000
"""How many events are read at once."""

PIECE = 1 << 16


@blueprint.get("/export")
def export() -> Response:
    """All events, leaves, checkpoints and public keys, for an auditor: what `seatledger audit export` writes.

    A checkpoint is signed first, if anything was recorded since the last one. It is made in a file without a name, not
    in memory, and is as secret as the database. Raises LogKeyUnusable, KeyringInvalid, Busy, StorageFailed.
    """
    keyring = license_keys(caller.seatledger().settings).keyring
    with ExitStack() as unless_sent:
        try:
            stream = unless_sent.enter_context(TemporaryFile())
            written = caller.seatledger().audit.export(caller.installation_id(), stream, keyring=keyring)
            stream.seek(0)
        except OSError as error:
            raise StorageFailed(reason=error.strerror or str(error)) from error
        unless_sent.pop_all()
    return attached(_pieces(stream), "application/x-ndjson", f"export-{written.events}.jsonl")


@blueprint.get("/history.csv")
def sheet() -> Response:
    """The history as a sheet, newest first, with the filters of the screen. Raises FilterUnknown, NotReadable."""
    view = caller.view()
    rows = sheet_of(_lines(history.selection(request.args, view)), view, caller.language())
    text = stream_with_context(row.encode() for row in rows)
    return attached(text, SHEET, f"history-{view.position}.csv")


@blueprint.get("/names.csv")
def names() -> Response:
    """The names of people by the ids that an export calls them by: what `seatledger audit export --names` writes."""
    view = caller.view()
    text = iter([names_sheet.sheet_of(view).encode()])
    return attached(text, SHEET, f"names-{view.position}.csv")


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    """On the screen from which the download was asked for."""
    answer = history.refused if request.endpoint == "downloads.sheet" else overview.refused
    return answer(refusal)


@blueprint.errorhandler(SettingsInvalid)
@blueprint.errorhandler(KeyringInvalid)
def unavailable(error: SettingsInvalid | KeyringInvalid) -> tuple[str, int]:
    """An export without the vendor's keys would show nobody who signed the license keys: mend that first."""
    language = caller.language()
    return errors.page(
        503, error.sentence(language) if isinstance(error, SettingsInvalid) else sentence(error, language)
    )


def _lines(selection: Filter) -> Iterator[HistoryLine]:
    """A page after the other, so that no more than one is in memory."""
    before: int | None = None
    while True:
        page = caller.licensing().history_backwards(
            caller.installation_id(), before=before, limit=PAGE, only=selection, one_by_one=True
        )
        yield from page.lines
        if page.beyond is None:
            return
        before = page.beyond


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(PIECE):
            yield piece

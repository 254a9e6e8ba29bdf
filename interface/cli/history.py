"""The history command: what happened, told as the screen Audit > History tells it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import date

import click

from application import answers
from application.exported import Exported
from application.views.entitlement import Entitlement
from application.views.history import EVENTS, Filter, FilterUnknown
from application.views.history_lines import HistoryLine, HistoryPage
from application.words import history as history_sentences
from application.words.messages import message
from domain.local_time import in_zone, shown_at
from interface.cli.arguments import day
from interface.cli.columns import columns
from interface.cli.database import Opened
from interface.cli.output import Translated, echo_json, language, say
from interface.cli.source import Source, source

HEADER = (message("POSITION"), message("DAY"), message("TIME ({time_zone})"), message("WHAT HAPPENED"))


MOST = 1000
"""How many lines are shown at most."""


def _newest(context: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    """How many of the newest lines are asked for; 0 if --newest stands alone, None without it."""
    if text is None:
        return None
    number: int = click.IntRange(1, MOST)(text, parameter, context) if text else 0
    return number


@click.command(cls=Translated)
@click.option("--after", type=click.IntRange(min=0), default=0, help="The position after which to begin.")
@click.option(
    "--newest",
    is_flag=False,
    flag_value="",
    metavar="[N]",
    callback=_newest,
    help="The newest lines, the last one first; as many as --limit says, or N.",
)
@click.option("--before", type=click.IntRange(min=1), help="With --newest: the position before which to begin.")
@click.option("--reverse", is_flag=True, help="The same lines, in the reverse order.")
@click.option("--limit", type=click.IntRange(1, MOST), default=100, show_default=True, help="How many lines at most.")
@click.option("--all", "one_by_one", is_flag=True, help="Every event, also where one command recorded many.")
@click.option(
    "--event", type=click.Choice(EVENTS), metavar="EVENT", help="Only events of this kind, such as UserAdded."
)
@click.option("--login-name", help="Only events about this user or auditor, by any name that they had.")
@click.option("--by", help="Only what this user, auditor or operator did; or as in the log, such as “token:ID”.")
@click.option("--from", "first_day", type=day, help="The first day.")
@click.option("--to", "last_day", type=day, help="The last day.")
@source
@click.option("--json", "as_json", is_flag=True, help="Print what GET /api/v1/history answers: event by event.")
def history(
    after: int,
    newest: int | None,
    before: int | None,
    reverse: bool,
    limit: int,
    one_by_one: bool,
    event: str | None,
    login_name: str | None,
    by: str | None,
    first_day: date | None,
    last_day: date | None,
    source: Source,
    as_json: bool,
) -> None:
    """Show what happened: who did what, and when, in the installation’s time zone.

    The oldest comes first, unless --newest asks for the last. What one command recorded in many events, as an import
    does, is one line that says how many; --all shows each. Lines between them without a position tell what began or
    ended by the calendar. At a terminal, long lines are broken; in a pipe or a file every line stays one.

    With --export it answers from an export, which is verified first, and needs no database.
    """
    is_newest = newest is not None
    _ask_usage(after=after, newest=is_newest, before=before, reverse=reverse, as_json=as_json)
    at = source.open()
    view = at.now().view
    try:
        only = Filter.of(view, event=event, login_name=login_name, by=by, first_day=first_day, last_day=last_day)
    except FilterUnknown:
        source.tell_of_ids()
        raise
    if as_json:
        _echo_answer(at, view, only, after, limit)
        return
    if is_newest:
        page = at.history_backwards(before=before, limit=newest or limit, only=only, one_by_one=one_by_one)
    else:
        page = at.history_onwards(after=after, limit=limit, only=only, one_by_one=one_by_one)
    _echo(page, view, reverse=reverse)
    if page.beyond is not None:
        if is_newest:
            say("There is more: --newest --before {position}", err=True, position=page.beyond)
        else:
            say("There is more: --after {position}", err=True, position=page.beyond)


def _ask_usage(*, after: int, newest: bool, before: int | None, reverse: bool, as_json: bool) -> None:
    """Raises click.UsageError for options that do not go together."""
    if as_json and (newest or reverse or before is not None):
        raise click.UsageError(
            language().say("--json prints what the API answers, oldest first: leave out --newest, --before, --reverse.")
        )
    if newest and after:
        raise click.UsageError(language().say("--newest begins at the end: give --before instead of --after."))
    if before is not None and not newest:
        raise click.UsageError(language().say("--before goes with --newest; without it, give --after."))


def _echo_answer(at: Opened | Exported, view: Entitlement, only: Filter, after: int, limit: int) -> None:
    entries = at.history(after=after, limit=limit, only=only)
    more = len(entries) == limit and entries[-1].position < view.position
    events = [answers.of_history_entry(entry) for entry in entries]
    echo_json({"events": events, "next": entries[-1].position if more else None})


def _echo(page: HistoryPage, view: Entitlement, *, reverse: bool) -> None:
    lines = page.lines[::-1] if reverse else page.lines
    if lines:
        header = [language().say(name, time_zone=view.time_zone) for name in HEADER]
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        for text in columns([header, *(list(_cells(line, view)) for line in lines)], width):
            click.echo(text)


def _cells(line: HistoryLine, view: Entitlement) -> Iterator[str]:
    sentence = history_sentences.of_line(line, view, language())
    effects = history_sentences.of_effect(line.effect, language()) if line.effect else []
    yield _position(line)
    yield line.day.isoformat()
    yield _time(line, view.time_zone)
    yield f"{sentence} [{'; '.join(effects)}]" if effects else sentence


def _position(line: HistoryLine) -> str:
    if line.deed is not None:
        return f"{line.deed.first}-{line.deed.last}"
    return str(line.entry.position) if line.entry else ""


def _time(line: HistoryLine, time_zone: str) -> str:
    """The local time; with its date where that is not the day that counted (L3)."""
    if line.entry is None:
        return language().say("(calendar)")
    date_, _, time = shown_at(line.entry.recorded_at, time_zone).partition(" ")
    is_own_day = in_zone(line.entry.recorded_at, time_zone).date() == line.day
    return time if is_own_day else f"{date_} {time}"

"""The history command: what happened, oldest first."""

from __future__ import annotations

from datetime import date

import click

from application import answers
from application.views.history import EVENTS, Filter, HistoryEntry
from application.words.messages import message
from domain.local_time import shown_at
from interface.cli.arguments import day
from interface.cli.output import Translated, aligned, document, echo_json, language, say
from interface.cli.source import Source, source

HEADER = (message("POSITION"), message("RECORDED AT ({time_zone})"), message("EVENT"), message("BY"), message("WHAT"))


@click.command(cls=Translated)
@click.option("--after", type=click.IntRange(min=0), default=0, help="The position after which to begin.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="How many events at most.")
@click.option(
    "--event", type=click.Choice(EVENTS), metavar="EVENT", help="Only events of this kind, such as UserAdded."
)
@click.option("--login-name", help="Only events about this user or auditor.")
@click.option("--by", help="Only what this user or auditor did, or, as in the log, “cli:NAME” or “token:ID”.")
@click.option("--from", "first_day", type=day, help="The first day.")
@click.option("--to", "last_day", type=day, help="The last day.")
@source
@click.option("--json", "as_json", is_flag=True, help="Print what GET /api/v1/history answers.")
def history(
    after: int,
    limit: int,
    event: str | None,
    login_name: str | None,
    by: str | None,
    first_day: date | None,
    last_day: date | None,
    source: Source,
    as_json: bool,
) -> None:
    """Show what happened, oldest first: who did what, and when, in the installation's time zone.

    With --export it answers from an export, which is verified first, and needs no database.
    """
    at = source.open()
    view = at.now().view
    filter_ = Filter.of(view, event=event, login_name=login_name, by=by, first_day=first_day, last_day=last_day)
    entries = at.history(after=after, limit=limit, only=filter_)
    more = len(entries) == limit and entries[-1].position < view.position
    following = entries[-1].position if more else None
    if as_json:
        events = [answers.of_history_entry(entry) for entry in entries]
        echo_json({"events": events, "next": following})
        return
    if entries:
        header = [language().say(name, time_zone=view.time_zone) for name in HEADER]
        click.echo(aligned((_row(entry, view.time_zone) for entry in entries), header))
    if following is not None:
        say("There is more: --after {position}", err=True, position=following)


def _row(entry: HistoryEntry, time_zone: str) -> tuple[object, ...]:  # object: a cell of whatever kind
    moment = shown_at(entry.recorded_at, time_zone)
    what = ", ".join(f"{name}={_value(value)}" for name, value in entry.fields.items() if value not in (None, {}, []))
    return entry.position, moment, entry.kind, entry.by, what


def _value(value: object) -> str:  # object: a field of an event
    return value if isinstance(value, str) else document(value)

"""The operator commands: those who give commands on this machine, by the names that the operating system has."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from application.views.history import Filter
from application.words import erasing
from application.words.messages import message
from domain.installation import Installation
from domain.local_time import spelled_at
from domain.state import Operator
from interface.cli.database import Opened, open_installation
from interface.cli.erasure import ask_sure, tell_erased, yes_option
from interface.cli.output import Group, aligned, echo_json, language

HEADER = (message("NAME"), message("SINCE"))


@click.group(cls=Group)
def operator() -> None:
    """List those who gave commands on this machine, and erase their names.

    The first command of a user of the operating system that changes something records the name; whoever only asks is
    not recorded.
    """


@operator.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with ids and moments in UTC.")
def list_(as_json: bool) -> None:
    """List all operators, erased ones too, with the moment of their first command."""
    at = open_installation()
    view = at.now().view
    operators = sorted(view.operators.values(), key=lambda each: each.since)
    moments = _first_moments(at)
    if as_json:
        echo_json({"operators": [_plain(each, moments[each.operator_id]) for each in operators]})
        return
    rows = [(each.name, spelled_at(moments[each.operator_id], view.time_zone)) for each in operators]
    click.echo(aligned(rows, header=[language().say(name) for name in HEADER]))


@operator.command()
@click.argument("name", metavar="NAME")
@yes_option
def erase(name: str, yes: bool) -> None:
    """Erase the name of an operator, for ever.

    Every screen, answer and export, of now and of then, calls them “erased person” with four characters. If they give
    another command, they are recorded anew, as somebody else. Asks first. Backups that were made before still hold the
    name.
    """
    at = open_installation()
    operator_id = at.licensing.erasing.ask_operator(at.installation_id, name)
    registered = at.now().view.operators[operator_id].name
    ask_sure(erasing.of_operator(registered, operator_id, language()), yes=yes)
    tell_erased(registered, at.licensing.erasing.operator(at.installation_id, name, by=at.by))


def _first_moments(at: Opened) -> dict[str, datetime]:
    """When each operator gave the first command, by their id."""
    only = Filter(events=("OperatorSeen",))
    entries = at.licensing.newest_events(at.installation_id, before=None, limit=sys.maxsize, only=only)
    events = [entry.event for entry in entries]
    return {event.operator_id: event.timestamp for event in events if isinstance(event, Installation.OperatorSeen)}


def _plain(operator: Operator, moment: datetime) -> dict[str, str | int | bool]:
    """An operator as JSON has it; `position` is that of the event that recorded the name."""
    return {
        "operator_id": operator.operator_id,
        "name": operator.name,
        "since": moment.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "position": operator.since,
        "erased": operator.is_erased,
    }

"""The clock command: mending the days after the machine's clock had jumped forward."""

from __future__ import annotations

from datetime import date

import click

from interface.cli.arguments import day
from interface.cli.database import open_installation
from interface.cli.output import Group, say


@click.group(cls=Group)
def clock() -> None:
    """Mend the day after a wrong machine clock."""


@clock.command()
@click.argument("to", metavar="DATE", type=day)
def correct(to: date) -> None:
    """Let days count anew from DATE (YYYY-MM-DD), after the machine's clock had jumped forward.

    Set the machine's clock right first. Auditors see the correction as an alarm.
    """
    at = open_installation()
    at.seatledger.credentials.forget_days_to_come()
    at.licensing.correct_clock(at.installation_id, to, by=at.by)
    say("Days count anew from {day}.", day=to)

"""The seatledger command: its groups, and what the command line says when something cannot be done."""

from __future__ import annotations

import sys
from typing import Any

import click

from application.log.failures import DATABASE_ERRORS, LogUnreadable, reason
from interface.cli import streams
from interface.cli.audit import audit
from interface.cli.auditor import auditor
from interface.cli.backup import backup, restore
from interface.cli.check import check
from interface.cli.clock import clock
from interface.cli.demo import demo
from interface.cli.doctor import doctor
from interface.cli.history import history
from interface.cli.init import init
from interface.cli.license import license_
from interface.cli.output import RefusingGroup, language, say
from interface.cli.password import password
from interface.cli.serve import serve
from interface.cli.sign_ins import sign_ins
from interface.cli.status import status
from interface.cli.token import token
from interface.cli.user import user
from interface.cli.vendor import vendor
from interface.settings import SettingsInvalid


class SeatledgerGroup(RefusingGroup):
    """The root: what whoever runs the machine must mend is one line on standard error and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:  # Any: as click declares it
        try:
            return super().invoke(ctx)
        except SettingsInvalid as problem:
            say("Error: {sentence}", err=True, sentence=problem.sentence(language()))
        except LogUnreadable as problem:
            say("Error: Event {position} {problem}", err=True, position=problem.position, problem=problem.problem)
        except DATABASE_ERRORS as problem:
            say("Error: The database cannot be used: {reason}.", err=True, reason=reason(problem))
        return ctx.exit(1)


@click.group(cls=SeatledgerGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="seatledger", prog_name="seatledger")
def seatledger() -> None:
    """Seatledger: which license is in force, who may log in, and what has happened.

    The database is named by SEATLEDGER_DATABASE (sqlite:///seatledger.sqlite if unset); docs/configuration.md explains
    every setting. Exit status: 0 done, also with warnings; 1 refused; 2 wrong usage.
    """


COMMANDS = (
    demo,
    init,
    serve,
    license_,
    user,
    check,
    history,
    sign_ins,
    auditor,
    password,
    token,
    audit,
    clock,
    backup,
    restore,
    doctor,
    status,
    vendor,
)

for command in COMMANDS:
    seatledger.add_command(command)


def main() -> None:
    """The entry point.

    What cannot be written, as on a full disk, is one line on standard error and exit status 1; whoever closes a pipe
    that they read, as `head` does, is told nothing.
    """
    streams.prepare()
    try:
        seatledger(prog_name="seatledger")
    except OSError as error:
        if not streams.has_failed():
            raise
        streams.give_up(error)
        sys.exit(1)

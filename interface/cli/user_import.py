"""The command that imports users from a list, and what it says of the licenses."""

from __future__ import annotations

import sys
from typing import BinaryIO
from uuid import UUID, uuid4

import click

from application.user_import import MAX_BYTES, Import, ImportLine, read_csv
from application.words import sentences
from application.words.user_import import of_plan, of_refused_logins, of_report
from interface.cli.database import Opened, open_installation
from interface.cli.output import Translated, language, say, typed, warn

SHOWN_NAMES = 100
"""How many users whose rights differ from the list are named; a command line has an end."""


@click.command("import", cls=Translated)
@click.argument("file", metavar="FILE.csv|-", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Say what the import would do, and change nothing.")
@click.option("--restore", is_flag=True, help="Restore deleted users of the list, as ordinary users.")
def import_(file: BinaryIO, dry_run: bool, restore: bool) -> None:
    """Add the users of a CSV file, or none of them if a line is wrong.

    The header names the column login_name and, if need be, administrator, whose fields are true, false or empty;
    docs/user-import.md says how spreadsheets may write it. Users who are there already are skipped. Running it again
    adds nothing twice. “-” is standard input.
    """
    at = open_installation()
    lines = read_csv(file.read(MAX_BYTES + 1))
    if dry_run:
        _say_what_would_be(at, at.licensing.plan_import(at.installation_id, lines, restore=restore))
        return
    command_id = uuid4()
    report = _imported(at, lines, command_id, restore=restore)
    click.echo(of_report(report, language(), restore=restore))
    administrators = sum(line.administrator for line in report.new)
    if administrators:
        say(
            "New administrators: {number}. Each needs a password: seatledger password LOGIN",
            err=True,
            number=administrators,
        )
    _warn_of_other_rights(report)
    if report.lines:
        warn_of_licenses(at)
        say("To take this import back: seatledger user undo {command_id}", err=True, command_id=str(command_id))


def _imported(at: Opened, lines: list[ImportLine], command_id: UUID, *, restore: bool) -> Import:
    """Import the lines; who breaks it off, as by Ctrl+C, is told how to go on and how to go back."""
    counts: list[int] = []
    with click.progressbar(
        length=len(lines), label=language().say("Importing users"), file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:

        def progress(number: int) -> None:
            counts.append(number)
            bar.update(number)

        try:
            return at.licensing.import_users(
                at.installation_id, lines, restore=restore, by=at.by, command_id=command_id, progress=progress
            )
        except KeyboardInterrupt:
            if len(counts) > 1:  # after the number of those present, that of each save
                say(
                    "The import broke off: {number} users are imported. To go on, run it again. To take them back: "
                    "seatledger user undo {command_id}",
                    err=True,
                    number=sum(counts[1:]),
                    command_id=str(command_id),
                )
            raise


def warn_of_licenses(at: Opened) -> None:
    """What adding or restoring users did to the licenses: the last one is taken, or who cannot log in (U4, K13)."""
    now = at.now()
    warn(sentences.of_logins(now, language()))
    warn(sentences.of_last_license(now, language()))


def _say_what_would_be(at: Opened, planned: Import) -> None:
    now = at.now()
    click.echo(of_plan(planned, now, language()))
    administrators = sum(line.administrator for line in planned.new)
    if administrators:
        say("Administrators among the new users: {number}.", err=True, number=administrators)
    _warn_of_other_rights(planned)
    refused = of_refused_logins(planned, now, language())
    if refused:
        click.echo(refused, err=True)
    warn(sentences.of_logins(now, language()))


def _warn_of_other_rights(report: Import) -> None:
    """Who has other rights than the list says, and the command that changes it: an import changes nobody's rights."""
    users, administrators = report.other_rights.users, report.other_rights.administrators
    if users:
        say(
            "The list says administrator, but these are ordinary users, and the import does not change that: {names}. "
            "To make them administrators: seatledger user grant {typed}",
            err=True,
            names=_shown(users),
            typed=typed(*users[:SHOWN_NAMES]),
        )
    if administrators:
        say(
            "The list says no administrator, but these are administrators, and the import does not change that: "
            "{names}. To make them ordinary users: seatledger user revoke {typed}",
            err=True,
            names=_shown(administrators),
            typed=typed(*administrators[:SHOWN_NAMES]),
        )


def _shown(names: list[str]) -> str:
    shown = language().list(names[:SHOWN_NAMES])
    if len(names) > SHOWN_NAMES:
        return language().say("{names}, and {number} more", names=shown, number=len(names) - SHOWN_NAMES)
    return shown

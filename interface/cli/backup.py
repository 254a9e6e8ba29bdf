"""The commands backup and restore: a copy of the database, and one that takes its place."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from application.backups import back_up
from application.backups import restore as restore_backup
from application.examination import MemoryContradicted
from application.log import DatabaseUnusable
from application.proof.notes import LogKeyUnusable
from application.signer_memory import SignerMemoryUnusable
from application.words.refusals import sentence
from domain.refusals import Problem, Refused
from interface.cli.database import ask_initialized, composed
from interface.cli.output import Translated, language, say
from interface.composition import Seatledger, system_clock
from interface.settings import Settings, SettingsInvalid


@click.command(cls=Translated)
@click.argument("directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
def backup(directory: Path) -> None:
    """Copy the database into DIR, while the server goes on, and print the copy's path.

    The copy is whole or not there, is checked, and only you can read it: it is as secret as the database. No key is
    copied: keep the log key, the secret key and the keyring somewhere else.
    """
    settings = Settings.from_environment()
    ask_initialized(settings)
    try:
        path = back_up(settings.log, directory, system_clock())
    except DatabaseUnusable as error:
        raise SettingsInvalid(Problem("database_not_copied", place=error.place, reason=error.reason)) from None
    click.echo(path)
    say("It holds no key: keep the log key, the secret key and the keyring somewhere else.", err=True)


@click.command(cls=Translated)
@click.argument("source", metavar="FILE|DIR", type=click.Path(exists=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace the database that is there; it is kept beside.")
def restore(source: Path, yes: bool) -> None:
    """Put a backup in the database's place: FILE, or the newest one in DIR. Stop the server first.

    The backup is checked before anything is changed. What was recorded after it is lost, and an auditor who kept a
    later checkpoint will see that it is. If it was signed, no checkpoint is signed any more until an auditor accepts
    the loss (seatledger audit accept-restore). Names that were erased after the backup are erased again.
    """
    settings = Settings.from_environment()
    try:
        restored = restore_backup(settings.log, source, system_clock(), replacing=yes)
    except DatabaseUnusable as error:
        raise SettingsInvalid(Problem("backup_unusable", place=error.place, reason=error.reason)) from None
    say(
        "{place} is {backup} now: {events} events, the newest of {moment}.",
        place=str(settings.log.place),
        backup=str(restored.backup),
        events=restored.events,
        moment=restored.newest.isoformat(timespec="seconds"),
    )
    say("What was recorded after that is lost. Tell your auditors: a later checkpoint shows it.", err=True)
    if restored.aside:
        say(
            "The database that was there is kept as {aside}; it is as secret as before.",
            err=True,
            aside=str(restored.aside),
        )
    seatledger = composed(settings)
    _erase_again(seatledger)
    _say_whether_it_is_signed(seatledger)


def _erase_again(seatledger: Seatledger) -> None:
    """A backup knows the names of people who were erased after it: no command may tell them (P5)."""
    try:
        again = seatledger.licensing.erasing.again(seatledger.installation_id)
    except Refused as refusal:
        say("Warning ({code}): {sentence}", err=True, code=refusal.code, sentence=sentence(refusal, language()))
        return
    if again:
        say("Names that were erased again, since the backup still knew them: {number}.", err=True, number=len(again))


def _say_whether_it_is_signed(seatledger: Seatledger) -> None:
    """What was signed and is lost keeps the signer from signing, until an auditor accepts it (ADR 33)."""
    with suppress(LogKeyUnusable):  # nothing is signed without it
        try:
            seatledger.audit.ask_remembered(seatledger.installation_id)
        except (MemoryContradicted, SignerMemoryUnusable) as refusal:
            say("Warning ({code}): {sentence}", err=True, code=refusal.code, sentence=sentence(refusal, language()))

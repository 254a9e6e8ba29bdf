"""The commands backup and restore: a copy of the database, and one that takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import click

from application.backups import back_up
from application.backups import restore as restore_backup
from application.erasing import ErasedListUnusable
from application.examination import MemoryContradicted
from application.files import reason_of
from application.files_beside import FilesBeside
from application.log import DatabaseUnusable
from application.proof.notes import LogKeyUnusable
from application.signer_memory import SignerMemoryUnusable
from application.words.refusals import sentence
from domain.refusals import Problem, Refused
from interface.cli.database import ask_initialized, composed
from interface.cli.output import Translated, language, say
from interface.composition import Seatledger, files_beside, system_clock
from interface.settings import Settings, SettingsInvalid


@click.command(cls=Translated)
@click.argument("place", metavar="FILE|DIR", type=click.Path(path_type=Path))
@click.option("--with-secrets", is_flag=True, help="Copy the secret key, the log key and the pepper too.")
def backup(place: Path, with_secrets: bool) -> None:
    """Copy the database into DIR, or as FILE, while the servers go on, and print the copy's path.

    The copy is whole or not there, and only you can read it: it is as secret as the database. Every event in it is
    checked. What was signed last and the list of erased people go with it. No key does, unless you ask for it: keep
    the log key, the secret key, the pepper and the keyring somewhere else.
    """
    settings = Settings.from_environment()
    ask_initialized(settings)
    try:
        copy = back_up(settings.log, place, files_beside(settings), system_clock(), with_secrets=with_secrets)
    except DatabaseUnusable as error:
        raise SettingsInvalid(Problem("database_not_copied", place=error.place, reason=error.reason)) from None
    click.echo(copy.backup)
    moment = copy.newest.isoformat(timespec="seconds")
    say("It was checked: {events} events, the newest of {moment}.", err=True, events=copy.events, moment=moment)
    if copy.secrets:
        say(
            "IT HOLDS SECRETS: {files}. Whoever has it can sign in as anybody and forge the history: lock it away.",
            err=True,
            files=", ".join(map(str, copy.secrets)),
        )
    else:
        say("It holds no key: keep the log key, the secret key, the pepper and the keyring somewhere else.", err=True)


@click.command(cls=Translated)
@click.argument("source", metavar="FILE|DIR", type=click.Path(exists=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace the database that is there; it is kept beside.")
def restore(source: Path, yes: bool) -> None:
    """Put a backup in the database's place: FILE, or the newest one in DIR. Stop the servers first.

    The backup is checked before anything is changed. What was recorded after it is lost, and an auditor who kept a
    later checkpoint will see that it is. If it was signed, no checkpoint is signed any more until an auditor accepts
    the loss (seatledger audit accept-restore). Names that were erased after the backup are erased again. Of the files
    that the backup took along, those that are missing here are laid down; one that is there stays.
    """
    settings = Settings.from_environment()
    try:
        restored = restore_backup(settings.log, source, system_clock(), replacing=yes)
    except DatabaseUnusable as error:
        code = "backup_unusable" if Path(error.place).exists() else "not_restored_into"  # a server is no file
        raise SettingsInvalid(Problem(code, place=error.place, reason=error.reason)) from None
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
    _put_back(files_beside(settings), restored.files)
    seatledger = composed(settings)
    _erase_again(seatledger)
    _say_whether_it_is_signed(seatledger)


def _put_back(files: FilesBeside, contents: Mapping[str, bytes]) -> None:
    """The database is restored already: whatever is wrong with a file beside it is a warning."""
    try:
        put = files.put_back(contents)
    except OSError as error:
        path = Path(error.filename or files.memory.path)
        say("Warning: {path} was not restored: {reason}.", err=True, path=str(path), reason=reason_of(error, path))
        return
    except ErasedListUnusable as refusal:
        say("Warning ({code}): {sentence}", err=True, code=refusal.code, sentence=sentence(refusal, language()))
        return
    for path in put.new:
        say("{path} was missing, and is as the backup had it.", err=True, path=str(path))
    for path in put.others:
        say("Warning: {path} is another one than in the backup, and stays.", err=True, path=str(path))


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

"""The command move: the installation is carried into another database."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from application.log import DatabaseUnusable, SchemaUnfit, UrlInvalid, open_log
from application.moving import Moved, ask_movable
from application.moving import move as move_installation
from application.signer_memory import SignerMemory
from application.words.messages import plural
from domain.refusals import Problem
from interface.cli.database import ask_initialized
from interface.cli.output import Translated, language, say
from interface.composition import system_clock
from interface.settings import Settings, SettingsInvalid


@click.command(cls=Translated)
@click.option("--to", metavar="URL", required=True, help="sqlite:///PATH or postgresql://USER@HOST/DATABASE.")
def move(to: str) -> None:
    """Carry the installation into another database, and leave the old one as it is. Stop the servers first.

    The old database is SEATLEDGER_DATABASE. The new one holds nothing yet: it is a file that is not there, or an empty
    database of a server, and its tables are made as SEATLEDGER_DATABASE_OWNER, which names the owner in the new one;
    the URL of --to names the role of the program. Everything is copied as it is, events, leaves, checkpoints, people's
    keys, passwords and sessions, and every event is compared in the end. Whatever goes wrong, the old database serves
    on, and the same command can be run again. Afterwards set SEATLEDGER_DATABASE to the new URL, and never serve the
    old database again.
    """
    settings = Settings.from_environment()
    ask_initialized(settings)
    source = settings.log
    try:
        target = open_log(to, settings.database_owner, "--to")
        events = ask_movable(source, target)
        with click.progressbar(length=2 * events, label=language().say("Moving"), file=sys.stderr) as bar:
            moved = move_installation(source, target, system_clock(), bar.update)
            bar.update(2 * events - bar.pos)
    except UrlInvalid as error:
        raise SettingsInvalid(error.problem) from None
    except SchemaUnfit as unfit:
        raise SettingsInvalid(unfit.problem) from None
    except DatabaseUnusable as error:
        place, source_place = str(error.place), str(source.place)
        raise SettingsInvalid(Problem("not_moved", place=place, reason=error.reason, source=source_place)) from None
    _say_what_to_do(settings, replace(settings, database=to), moved)


def _say_what_to_do(old: Settings, new: Settings, moved: Moved) -> None:
    say(
        "{place} holds the installation now: {events} and {checkpoints}, each compared.",
        place=str(new.log.place),
        events=language().count(moved.events, plural("{number} event", "{number} events")),
        checkpoints=language().count(moved.checkpoints, plural("{number} checkpoint", "{number} checkpoints")),
    )
    say("Set SEATLEDGER_DATABASE to the URL that you gave with --to, for every server and command.", err=True)
    for path, there in _files_elsewhere(old, new):
        say("Move {path} to {there} before: it is looked for there now.", err=True, path=str(path), there=str(there))
    say(
        "{place} is kept as it was, and as secret. Never serve it again: there would be two histories.",
        err=True,
        place=str(old.log.place),
    )


def _files_elsewhere(old: Settings, new: Settings) -> list[tuple[Path, Path]]:
    """The files that lay beside the old database, since no setting names a place, and where they are looked for now."""
    pairs = [
        (old.log_key_path, new.log_key_path),
        (SignerMemory.beside(old.log_key_path).path, SignerMemory.beside(new.log_key_path).path),
        (old.pepper_path, new.pepper_path),
        (old.erased_people_path, new.erased_people_path),
    ]
    return [(path, there) for path, there in pairs if path.exists() and path.resolve() != there.resolve()]

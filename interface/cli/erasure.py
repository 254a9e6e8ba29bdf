"""What erasing asks at the terminal, and says afterwards: of users, auditors and operators alike."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from application.erasing import Erased
from application.words.erasing import BACKUPS, left_to_do, of_erased
from interface.cli.output import language, printable, say, warn

yes_option = click.option("--yes", is_flag=True, help="Do not ask first.")


def ask_sure(sentences: Iterable[str], *, yes: bool) -> None:
    """Says what cannot be undone, and ends the command unless somebody at the terminal is sure.

    Wrong usage without a terminal and without --yes.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(
            language().say("There is no terminal at which to ask. Erasing cannot be undone: give --yes to be sure.")
        )
    for sentence in sentences:
        click.echo(printable(sentence), err=True)
    if not click.confirm(language().say("Erase the name?"), err=True):
        say("Nothing was changed.", err=True)
        click.get_current_context().exit(1)


def tell_erased(name: str, erased: Erased) -> None:
    """Says what was done, and on standard error what is left to do."""
    click.echo(of_erased(name, erased, language()))
    warn(left_to_do(erased, language()))
    say(BACKUPS, err=True)

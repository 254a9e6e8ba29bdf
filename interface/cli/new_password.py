"""A new password as a command takes it: asked for at the terminal, or standard input's first line."""

from __future__ import annotations

import sys

import click

from application.credentials import accepted_password
from domain.refusals import Problem
from interface.cli.output import language
from interface.cli.standard_input import InputUnreadable, first_line

password_stdin = click.option("--password-stdin", is_flag=True, help="The password is standard input's first line.")


def read_password(*context: str, from_stdin: bool) -> str:
    """A password that may be set, by the names of `context`. Raises PasswordInvalid; wrong usage without a terminal."""
    if not from_stdin and not sys.stdin.isatty():
        raise click.UsageError(
            language().say("There is no terminal at which to ask for the password: give --password-stdin.")
        )
    password: str = (
        first_line()
        if from_stdin
        else click.prompt(
            language().say("Password"), hide_input=True, confirmation_prompt=language().say("Once more"), err=True
        )
    )
    if not _is_unicode(password):  # bytes that the terminal's encoding does not have
        raise InputUnreadable(problem=Problem("input_not_text"))
    accepted_password(password, context)
    return password


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)

"""How a password comes in: asked for twice at a terminal, or standard input's first line; never an argument."""

from __future__ import annotations

import sys

import click

from application.credentials import accepted_password
from interface.cli.values import first_line

password_stdin = click.option("--password-stdin", is_flag=True, help="The password is standard input's first line.")


def read_password(*, from_stdin: bool) -> str:
    """A password of a permitted length. Raises PasswordInvalid; wrong usage if there is nobody to be asked."""
    if not from_stdin and not sys.stdin.isatty():
        raise click.UsageError("There is no terminal at which to ask for the password: give --password-stdin.")
    given: str = (
        first_line()
        if from_stdin
        else click.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True)
    )
    accepted_password(given)
    return given

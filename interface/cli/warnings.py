"""Warnings on standard error: what was done stands, but somebody should know."""

from __future__ import annotations

from collections.abc import Iterable

import click

from application.words.sentences import Warned


def warn(warned: Iterable[Warned]) -> None:
    for warning in warned:
        click.echo(f"Warning ({warning.code}): {warning.message}", err=True)

"""How the command line says a refusal: its code and sentence on standard error, and exit status 1."""

from __future__ import annotations

from typing import Any

import click

from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.refusals import Refused


class RefusingGroup(click.Group):
    """A group whose commands may raise Refused; anything else is a bug and stays a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refused as refused:
            click.echo(f"Refused ({refused.code}): {sentence(refused, ENGLISH)}", err=True)
            ctx.exit(1)

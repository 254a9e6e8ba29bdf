"""The seatledger command: its groups, and what the command line says when something cannot be done."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from application.words.languages import NAMES
from interface.cli import streams
from interface.cli.commands import COMMANDS
from interface.cli.locale import as_before, speak
from interface.cli.output import RefusingGroup, language
from interface.cli.wrapping import Formatter


class SeatledgerGroup(RefusingGroup):
    """The root: what whoever runs the machine must mend is one line on standard error and exit status 1.

    A command is imported when it is run: that takes longer than `--version`, or the list of commands, may take.
    """

    def main(self, *args: Any, **extra: Any) -> Any:  # Any: as click declares it
        with as_before():
            return super().main(*args, **extra)

    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        place = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"interface.cli.{place.module}"), place.attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, language().say(COMMANDS[name].short_help)) for name in self.list_commands(ctx)]
        with formatter.section(language().say("Commands")):
            formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Without the commands: click would import each of them for its help."""
        commands = [
            CompletionItem(name, help=language().say(place.short_help))
            for name, place in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:  # Any: as click declares it
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            from interface.cli.breakage import line_about  # it imports what reaches databases

            line = line_about(error)
            if line is None:
                raise
            click.echo(line, err=True)
        return ctx.exit(1)


click.Context.formatter_class = Formatter  # for every command


@click.group(cls=SeatledgerGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="seatledger", prog_name="seatledger")
@click.option(
    "--lang",
    type=click.Choice(list(NAMES)),
    is_eager=True,
    expose_value=False,
    callback=speak,
    help="The language to speak, instead of that of LANG.",
)
def seatledger() -> None:
    """Seatledger: which license is in force, who may log in, and what has happened.

    The database is named by SEATLEDGER_DATABASE (sqlite:///seatledger.sqlite if unset); docs/configuration.md explains
    every setting. Exit status: 0 done, also with warnings; 1 refused; 2 wrong usage.
    """


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

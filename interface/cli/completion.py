"""The completion command: what a shell runs so that it completes commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from interface.cli.output import Translated

SHELLS = ("bash", "zsh", "fish")

VARIABLE = "_SEATLEDGER_COMPLETE"
"""By this, click knows that a shell asks what may come next."""


@click.command(cls=Translated)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what switches completion on in bash, zsh or fish.

    For this shell alone: source <(seatledger completion bash), the same with zsh, or in fish:
    seatledger completion fish | source. For every shell, put that line into ~/.bashrc, ~/.zshrc (behind compinit) or
    ~/.config/fish/config.fish. Bash has to be 4.4 or newer.
    """
    root = click.get_current_context().find_root()
    complete = get_completion_class(shell)
    if complete is not None:  # click has all three
        click.echo(complete(root.command, {}, root.info_name or "", VARIABLE).source())

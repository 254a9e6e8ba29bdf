"""What `--help` says: in the language of the command line, and true of the program."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from domain.installation import SCOPES
from interface.cli import output
from interface.cli.main import seatledger
from tests.loud import LOUD


def commands(command: click.Command, *path: str) -> Iterator[tuple[list[str], click.Command]]:
    yield [*path], command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, *path, name)


COMMANDS = [(path, command) for path, command in commands(seatledger) if path]


@pytest.mark.parametrize(
    ("path", "command"), COMMANDS, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_help_is_shown_in_the_language(
    path: list[str], command: click.Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "ENGLISH", LOUD)
    english = command.help
    shown = command.get_help(click.Context(command, info_name=path[-1]))
    assert english is not None
    words = " ".join(shown.split())
    assert english.upper().split()[0] in words
    options = [option for option in command.params if isinstance(option, click.Option) and option.help]
    for option in options:
        assert " ".join(str(option.help).upper().split())[:20] in words
    assert command.help == english


def test_the_scopes_that_help_names_are_those_that_there_are() -> None:
    (scope,) = [option for option in seatledger.commands["token"].commands["create"].params if option.name == "scopes"]  # type: ignore[attr-defined]
    assert re.findall(r"[a-z]+(?:-[a-z]+)?(?=[,.])", scope.help) == list(SCOPES)  # type: ignore[attr-defined]

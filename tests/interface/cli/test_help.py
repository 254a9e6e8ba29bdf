"""What `--help` says: in the language of the command line, and true of the program."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from application.words import languages
from domain.installation import SCOPES
from interface.cli.commands import COMMANDS as PLACES
from interface.cli.main import seatledger
from interface.cli.token import token
from tests.interface.cli.conftest import CommandLine
from tests.loud import LOUD


def commands(command: click.Command, *path: str) -> Iterator[tuple[list[str], click.Command]]:
    yield [*path], command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, *path, name)


COMMANDS = [(path, command) for path, command in commands(seatledger) if path]


@pytest.mark.parametrize(
    ("path", "command"), COMMANDS, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_help_is_shown_in_the_language(
    path: list[str], command: click.Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "language_of", lambda _: LOUD)
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
    (scope,) = [option for option in token.commands["create"].params if option.name == "scopes"]
    assert re.findall(r"[a-z]+(?:-[a-z]+)?(?=[,.])", scope.help) == list(SCOPES)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", PLACES)
def test_the_list_of_commands_says_what_each_command_says_of_itself(name: str) -> None:
    """It is written down a second time, so that nothing has to be imported for the list."""
    command = seatledger.get_command(click.Context(seatledger), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(500) == PLACES[name].short_help


STARTS = """
import sys
sys.argv = ["seatledger", *sys.argv[1:]]
from interface.cli.main import main
try:
    main()
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


def modules_of(*arguments: str, environment: dict[str, str] | None = None) -> set[str]:
    """What a command imports."""
    command = [sys.executable, "-c", STARTS, *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | (environment or {}))
    return set(ended.stderr.splitlines()[-1].split())


def test_the_version_help_and_completion_import_next_to_nothing() -> None:
    """Which takes a seventh of a second; what reaches databases and keys takes half a second and more."""
    completing = {"_SEATLEDGER_COMPLETE": "bash_complete", "COMP_WORDS": "seatledger us", "COMP_CWORD": "1"}
    for modules in (modules_of("--version"), modules_of("--help"), modules_of(environment=completing)):
        assert not modules & {"eventsourcing", "sqlalchemy", "cryptography", "flask", "interface.cli.user"}


@pytest.mark.sqlite_alone("a server's driver imports asyncio")
def test_questions_import_nothing_that_only_a_server_or_a_vendor_needs(line: CommandLine) -> None:
    """SQLAlchemy, which reaches the tables beside the log, takes longer than the answer."""
    for question in (("user", "list"), ("check", "admin"), ("history",), ("license", "show")):
        modules = modules_of(*question, environment=line.environment)
        assert "domain.installation" in modules
        assert not modules & {"sqlalchemy", "flask", "granian", "argon2", "asyncio"}

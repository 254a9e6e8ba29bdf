"""The command line in a world of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from interface.cli.main import seatledger
from interface.composition import Seatledger
from interface.settings import Settings
from tests.clock import TIME_ZONE, SetClock
from tests.database import copy_all
from tests.examples import ADMINISTRATOR, NAME, PASSWORD, PRODUCT
from tests.world import World


@dataclass
class CommandLine:
    """What a person at a terminal has: commands, and an environment, at first that of the world."""

    world: World
    environment: dict[str, str]

    @property
    def database(self) -> Path:
        """The file that the database is, on SQLite."""
        url = self.environment["SEATLEDGER_DATABASE"]
        assert url.startswith("sqlite:///"), "a server's database is no file: mark the test with sqlite_alone"
        return Path(url.removeprefix("sqlite:///"))

    @property
    def directory(self) -> Path:
        """Where the files lie that belong to the database."""
        return self.world.directory if self.is_served else self.database.parent

    @property
    def is_served(self) -> bool:
        """Whether the database is a server's."""
        return not self.environment["SEATLEDGER_DATABASE"].startswith("sqlite:")

    def holds_anything(self) -> bool:
        """Whether there is a file, or anything recorded on a server."""
        if self.is_served:
            return self.world.sql("SELECT count(*) FROM stored_events") != [(0,)]
        return self.database.exists()

    def beside(self, name: str) -> Path:
        """A file of that name where the others lie."""
        return self.directory / name

    @contextmanager
    def opened(self) -> Iterator[Seatledger]:
        """The program itself, over the same database, as a server has it."""
        seatledger = self.world.wire(Settings.from_environment(self.environment))
        try:
            yield seatledger
        finally:
            seatledger.close()

    def run(self, *arguments: object, stdin: str | bytes | None = None, **environment: str) -> Result:
        """What a command says and how it ends; a bug stays an exception."""
        return CliRunner().invoke(
            seatledger,
            list(map(str, arguments)),
            input=stdin,
            env={**self.environment, **environment},
            obj=self.world.wire,
            catch_exceptions=False,
        )

    def do(self, *arguments: object, stdin: str | bytes | None = None) -> str:
        """What a command prints that must succeed."""
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: object) -> Any:
        return json.loads(self.do(*arguments, "--json"))

    def init(self, *, password: str = PASSWORD, **options: str) -> Result:
        """Make the installation; `options` replace those of the example."""
        options = {"name": NAME, "product": PRODUCT, "time_zone": TIME_ZONE, "admin": ADMINISTRATOR, **options}
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        return self.run("init", *words, "--password-stdin", stdin=f"{password}\n")


@contextmanager
def at_work(directory: Path) -> Iterator[CommandLine]:
    with World(directory, SetClock(datetime(2026, 4, 10, 9, 0, tzinfo=UTC))) as world:
        yield CommandLine(world, world.environment)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[CommandLine]:
    """Before `init`: there is no database yet."""
    with at_work(tmp_path) as bare:
        yield bare


INITIALIZED: dict[str, World] = {}
"""What `init` made, once for each kind of database: most tests begin with a copy."""


@pytest.fixture
def line(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[CommandLine]:
    """An installation as `init` makes it, without a license."""
    if database not in INITIALIZED:
        with at_work(tmp_path_factory.mktemp("initialized")) as bare:
            assert bare.init().exit_code == 0
        INITIALIZED[database] = bare.world
    copy_all(INITIALIZED[database], tmp_path)
    with at_work(tmp_path) as line:
        yield line


@pytest.fixture
def ready(line: CommandLine, tmp_path: Path) -> CommandLine:
    """An installation with everything that `serve` needs."""
    secret = tmp_path / "secret.key"
    secret.write_bytes(b"a secret of the tests, 32 bytes!")
    secret.chmod(0o600)
    line.environment["SEATLEDGER_SECRET_KEY_FILE"] = str(secret)
    return line

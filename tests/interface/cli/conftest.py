"""The command line on a database of its own, with a clock to set by hand and hashes that cost next to nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from argon2.profiles import CHEAPEST
from click.testing import CliRunner, Result

from application.credentials import PasswordHashing
from interface.cli.main import seatledger
from interface.composition import compose
from tests.examples import KEYRING, PRODUCT

PASSWORD = "a password of 24 characters"


@dataclass
class CommandLine:
    """What a person at a terminal has: commands, and an environment."""

    environment: dict[str, str]
    now: datetime = datetime(2026, 4, 10, 9, 0, tzinfo=UTC)

    @property
    def database(self) -> Path:
        return Path(self.environment["SEATLEDGER_DATABASE"].removeprefix("sqlite:///"))

    def run(self, *arguments: object, stdin: str | bytes | None = None, **environment: str) -> Result:
        """What a command says and how it ends; a bug stays an exception."""
        return CliRunner().invoke(
            seatledger,
            list(map(str, arguments)),
            input=stdin,
            env={**self.environment, **environment},
            obj=partial(compose, clock=lambda: self.now, hashing=PasswordHashing(CHEAPEST)),
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
        given = {"name": "Example Ltd", "product": PRODUCT, "time-zone": "Europe/Berlin", "admin": "root"}
        given |= {name.replace("_", "-"): value for name, value in options.items()}
        words = [word for name, value in given.items() for word in (f"--{name}", value)]
        return self.run("init", *words, "--password-stdin", stdin=f"{password}\n")


@pytest.fixture
def bare(tmp_path: Path) -> CommandLine:
    """Before `init`: there is no database yet."""
    keyring = tmp_path / "keyring.json"
    keyring.write_text(json.dumps(KEYRING.to_jwk_set()))
    return CommandLine(
        {
            "SEATLEDGER_DATABASE": f"sqlite:///{tmp_path / 'seatledger.sqlite'}",
            "SEATLEDGER_KEYRING": str(keyring),
            "SEATLEDGER_SECRET_KEY_FILE": "",
        }
    )


@pytest.fixture
def line(bare: CommandLine) -> CommandLine:
    """An installation with the administrator “root” and no license."""
    assert bare.init().exit_code == 0
    return bare


@pytest.fixture
def ready(line: CommandLine, tmp_path: Path) -> CommandLine:
    """An installation with everything that `serve` needs."""
    secret = tmp_path / "secret.key"
    secret.write_bytes(b"a secret of the tests, 32 bytes!")
    secret.chmod(0o600)
    line.environment["SEATLEDGER_SECRET_KEY_FILE"] = str(secret)
    return line

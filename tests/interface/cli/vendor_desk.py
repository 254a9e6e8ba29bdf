"""A vendor's directory with a signing key, and the vendor's commands on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from interface.cli.vendor import vendor
from tests.examples import INSTALLATION_ID

YEAR = ("--license-start", "2126-04-01", "--license-end", "2127-03-31")
MAINTAINED = (*YEAR, "--maintenance-start", "2126-04-01", "--maintenance-end", "2127-03-31")
TERMS = ("--product", "timetracker-nx", "--edition", "Professional", "--licenses", "50")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(vendor, list(map(str, arguments)), env={"SEATLEDGER_KEYRING": ""})


class Desk:
    """A vendor's directory, and the commands on it."""

    def __init__(self, keys: Path) -> None:
        self.keys = keys
        made = run("new-key", keys, "--kid", "acme-2026", "--issuer", "Acme Ltd")
        assert made.exit_code == 0, made.output

    @property
    def signing(self) -> tuple[str, ...]:
        return ("--signing-key", str(self.keys / "signing-key.pem"), "--kid", "acme-2026")

    def issue(self, customer: str, *more: str, installation: str = INSTALLATION_ID) -> str:
        """Issues a license key, and gives its text."""
        options = (*self.signing, "--customer", customer, *TERMS, *(more or MAINTAINED))
        result = run("issue", *options, "--installation", installation)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    def refused(self, *arguments: str | Path) -> str:
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (1, ""), result.output
        return result.stderr

    def listed(self, *options: str) -> list[dict[str, Any]]:
        result = run("list", "--keys", self.keys, "--json", *options)
        assert result.exit_code == 0, result.output
        entries: list[dict[str, Any]] = json.loads(result.stdout)
        return entries

    def customers(self, *options: str) -> list[str]:
        return [entry["claims"]["sub"] for entry in self.listed(*options)]

    def verify(self, *options: str | Path) -> Result:
        return run("verify", "--keys", self.keys, *options)

    @property
    def ledger(self) -> Path:
        return self.keys / "issued.jsonl"

    @property
    def newest(self) -> Path:
        return self.keys / "issued.checkpoint"

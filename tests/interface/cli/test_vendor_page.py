"""docs/vendor.md, run as it stands: every command of a vendor, and what becomes of it at the customers."""

from __future__ import annotations

import re
import shutil
import stat
import sys
from pathlib import Path

import pytest

from domain.refusals import OlderThanRegistered, SigningKeyRevoked, SigningKeyUnknown
from tests.clock import noon
from tests.pages import ROOT, Desk, blocks
from tests.refused import refused
from tests.world import World

PAGE = ROOT / "docs" / "vendor.md"
UUID = "7d3c1f5a-2b64-4e0e-9c58-0f6a1d2b3c4d"
"""The page's installation; ours has an id of its own."""

PASSPHRASE = "a passphrase of the tests"

SEATLEDGER = """#!{python}
import os, sys
from datetime import datetime
from interface.cli.main import main
class ThatDay(datetime):
    @classmethod
    def now(cls, tz):
        return datetime.fromisoformat(os.environ["NOW"])
import interface.cli.vendor.issue
sys.modules["interface.cli.vendor.issue"].datetime = ThatDay
main()
"""
"""The command itself, on a day that the test says: a renewal is issued a year after the first license."""


class Vendor:
    """A vendor's directory, and the blocks of the page in their order."""

    def __init__(self, directory: Path, installation_id: str) -> None:
        directory.mkdir()
        self._desk = Desk(directory)
        self._desk.put("seatledger", SEATLEDGER.format(python=sys.executable))
        self.directory = self._desk.directory
        self._installation_id = installation_id
        self._sections: dict[str, list[str]] = {}
        for block in blocks(PAGE):
            if block.language == "bash":
                self._sections.setdefault(block.heading, []).append(block.text)

    def does(self, heading: str, day: str, *, again: bool = False) -> str:
        """Runs the next block under a heading at noon of a day; gives what it prints. `again`: it will be run again."""
        text, *rest = self._sections[heading]
        self._sections[heading] = [text, *rest] if again else rest
        done = self._desk.done(
            text.replace(UUID, self._installation_id),
            typed=f"{PASSPHRASE}\n",
            PASSPHRASE=PASSPHRASE,
            NOW=noon(day).isoformat(),
        )
        assert "Warning" not in done.stderr
        return done.stdout

    def issued(self, name: str) -> str:
        return (self.directory / "issued" / f"{name}.txt").read_text()

    def ship_to(self, *customers: World) -> None:
        """The keyring, as it comes with a release."""
        for customer in customers:
            shutil.copy(self.directory / "keys" / "keyring.json", customer.directory / "keyring.json")

    @property
    def left(self) -> list[str]:
        """The blocks that nobody has run."""
        return [block for blocks in self._sections.values() for block in blocks]


def counts(customer: World, day: str) -> tuple[int, tuple[str, ...]]:
    """Valid, and the optional products that may be used on a day, as it stands now."""
    standing = customer.view.schedule.on(noon(day).date())
    return standing.valid, standing.products_in_use


@pytest.fixture
def example(tmp_path: Path) -> World:
    return World(_made(tmp_path / "example")).on("2026-03-14").open()


@pytest.fixture
def other(tmp_path: Path) -> World:
    return World(_made(tmp_path / "other")).on("2026-03-14").open()


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory


@pytest.mark.seldom_on_postgresql("what vendors do, who have no database")
def test_every_command_of_the_page_does_what_the_page_says(tmp_path: Path, example: World, other: World) -> None:
    vendor = Vendor(tmp_path / "vendor", str(example.id))
    analytics = ("Analytics",)

    vendor.does("Setting up", "2026-03-15")
    pem = vendor.directory / "keys" / "signing-key.pem"
    assert "ENCRYPTED" in pem.read_text()
    assert stat.S_IMODE(pem.stat().st_mode) == 0o600
    vendor.ship_to(example, other)

    shown = vendor.does("A first license", "2026-03-16")
    assert shown.startswith("Signature            valid, by the key “acme-2026”\nIssuer               Acme Ltd\n")
    example.on("2026-03-17").register(vendor.issued("example-2026-first"))
    assert (counts(example, "2026-03-31")[0], counts(example, "2026-04-01")) == (0, (50, analytics))

    vendor.does("A perpetual license", "2026-03-16")
    other.on("2026-04-01").register(vendor.issued("other-2026-first"))
    vendor.does("A perpetual license", "2027-03-01")
    other.on("2027-03-02").register(vendor.issued("other-2027-maintenance"))
    for day in ("2027-03-31", "2027-04-01", "2028-03-31"):
        assert counts(other, day) == (20, analytics)
    assert counts(other, "2028-04-01") == (20, ())

    vendor.does("More licenses in mid-term", "2026-08-31", again=True)
    older = vendor.issued("example-2026-more")
    vendor.does("More licenses in mid-term", "2026-09-01")
    example.on("2026-09-01").register(vendor.issued("example-2026-more"))
    assert counts(example, "2026-09-01") == (60, analytics)

    wrong = vendor.issued("example-2026-more")
    vendor.does("Correcting a wrong key", "2026-09-02")
    example.on("2026-09-02").register(vendor.issued("example-2026-corrected"))
    assert not example.register(wrong).is_new
    assert counts(example, "2026-09-02") == (65, analytics)

    with refused(OlderThanRegistered):
        example.register(older)
    assert "2026-09-02T10:00:00Z" in vendor.does("The order of issue", "2026-09-03")

    vendor.does("A renewal", "2027-03-01")
    example.on("2027-03-02").register(vendor.issued("example-2027-renewal"))
    assert (counts(example, "2027-03-31"), counts(example, "2027-04-01")) == ((65, analytics), (65, analytics))

    shown = vendor.does("Many customers at once", "2027-03-02")
    assert "Fourth Ltd  timetracker-nx  Basic         5         from 2027-04-01, perpetual" in shown
    assert len((vendor.directory / "keys-2027.csv").read_text().splitlines()) == 3
    shown = vendor.does("What was issued", "2027-03-02")
    assert vendor.issued("example-2027-renewal") in shown
    assert "9 license keys; the ledger is whole, signed by “acme-2026”." in shown

    (vendor.directory / "checkpoint.txt").write_text(example.checkpoint())
    (vendor.directory / "log-key.vkey").write_text(f"{example.vkey}\n")
    vendor.does("A license key that carries a checkpoint", "2027-05-01")
    unregistered = vendor.issued("example-2027-more")

    (vendor.directory / "pasted.txt").write_text("".join(f"> {part}\r\n" for part in re.findall(".{1,60}", wrong)))
    assert "Licenses             60\n" in vendor.does("What a customer pasted", "2027-05-02")

    vendor.does("A leaked signing key", "2027-05-03")
    vendor.ship_to(example)
    with refused(SigningKeyRevoked):
        example.on("2027-05-04").register(unregistered)
    assert counts(example, "2027-05-04") == (65, analytics)
    assert example.view.alarms == ()
    vendor.does("A leaked signing key", "2027-05-03")
    example.register(vendor.issued("example-2027-again"))
    assert counts(example, "2027-05-04") == (70, analytics)

    pem.unlink()
    vendor.does("A lost signing key", "2027-06-01")
    vendor.does("A forgotten passphrase", "2027-06-02")
    vendor.does("Rolling keys", "2027-06-03")
    vendor.does("Rolling keys", "2027-06-04")
    with refused(SigningKeyUnknown):
        example.on("2027-06-05").register(vendor.issued("example-2027-rolling"))
    vendor.ship_to(example)
    example.register(vendor.issued("example-2027-rolling"))
    vendor.does("Rolling keys", "2027-06-06")
    vendor.ship_to(example)
    assert counts(example, "2027-06-06") == (75, analytics)
    assert {key.key_id: key.revoked for key in example.keyring} == {
        "acme-2026": True,
        "acme-2027": False,
        "acme-2028": False,
        "acme-2029": True,
        "acme-2030": False,
    }
    assert vendor.left == []
    assert example.another_process().view.alarms == (), "revoked, and still what the vendor signed"

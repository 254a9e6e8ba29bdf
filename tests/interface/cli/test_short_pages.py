"""The commands of the shorter documents, typed as they stand: docs/user-import.md and docs/renewal.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.examples import PRODUCT
from tests.interface.cli.conftest import CommandLine
from tests.pages import ROOT, Desk, blocks


def names(line: CommandLine) -> set[str]:
    """The login names of who is not deleted."""
    return {user["login_name"] for user in line.json("user", "list")["users"] if not user["deleted"]}


BEGINNINGS = ("login_name,", "seatledger user import", "seatledger user delete", "seatledger user undo")

UUID = "0b61f5ad-7b43-4a9f-8a28-3f6d8e2f6a55"
"""A command's id on the page."""


def of_page(name: str, *beginnings: str) -> list[str]:
    """The blocks of a page that begin with these words, each the only one that does."""
    found = [
        [block.text for block in blocks(ROOT / "docs" / name) if block.text.startswith(each)] for each in beginnings
    ]
    return [text for (text,) in found]


@pytest.mark.seldom_on_postgresql("commands that other tests run there")
def test_users_are_imported_deleted_and_brought_back_as_the_page_says(line: CommandLine, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    users, imports, several, undo = of_page("user-import.md", *BEGINNINGS)
    (desk.directory / "users.csv").write_text(users)
    (desk.directory / "names.txt").write_text("carol\ndave\n")
    desk.put("some-program", "#!/bin/sh\necho login_name\necho erin\n")
    said = desk.run(imports, **line.environment)
    assert said.startswith("Would add 3")
    assert names(line) == {"admin", "alice", "bob", "björn", "erin"}
    said = desk.run(f"exec 2>&1\n{several}", **line.environment)
    assert names(line) == {"admin", "björn", "erin", "carol", "dave"}
    desk.run(undo.replace(UUID, re.findall(r"user undo ([0-9a-f-]{36})", said)[0]), **line.environment)
    assert names(line) == {"admin", "alice", "björn", "bob", "carol", "dave", "erin"}


@pytest.mark.seldom_on_postgresql("a renewal file reads the log by what test_consistency and views test")
def test_a_renewal_is_judged_and_issued_as_the_page_says(ready: CommandLine, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run("seatledger vendor new-key keys --kid acme-2026")
    ready.environment["SEATLEDGER_KEYRING"] = str(desk.directory / "keys" / "keyring.json")
    first = desk.run(
        "seatledger vendor issue --signing-key keys/signing-key.pem --kid acme-2026 --customer 'Example Ltd' "
        f"--product {PRODUCT} --edition Professional --licenses 40 --license-start 2026-04-01 --any-installation "
        "--issued-at 2026-03-20T09:00:00Z"
    )
    ready.do("license", "register", first.strip())
    ready.do("audit", "checkpoint")
    (desk.directory / "log-key.vkey").write_text(f"{ready.world.vkey}\n")
    ready.do("license", "request", desk.directory / "renewal-2026-06-20.txt")
    (commands,) = of_page("renewal.md", "seatledger vendor inspect-request")
    said = desk.run(commands)
    (key,) = re.findall(r"^eyJ.+$", said, re.MULTILINE)
    assert "Signature" in said
    assert f"Installation         {ready.world.id}" in desk.run(f"seatledger vendor inspect {key}")

"""The vendor's ledger: what `vendor issue` writes there, and what `list`, `show` and `verify` say of it."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from errno import ENOSPC
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from application.files import replaced
from application.license_keys import Keyring, LicenseKeys
from application.license_keys.signing_keys import load_signing_key
from application.proof import notes
from application.proof.verify_export import Checkpoint, Tree
from tests.examples import INSTALLATION_ID, OTHER_INSTALLATION_ID
from tests.interface.cli.vendor_desk import MAINTAINED, TERMS, YEAR, Desk, run

ROOT = Path(__file__).parents[3]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "keys")


def test_what_was_issued_stands_in_the_ledger_in_its_order(desk: Desk) -> None:
    keys = [desk.issue("Example Ltd"), desk.issue("Other Ltd")]
    assert [entry["license_key"] for entry in desk.listed()] == keys
    assert [entry["position"] for entry in desk.listed()] == [1, 2]
    assert stat.S_IMODE(desk.ledger.stat().st_mode) == 0o600
    assert desk.verify().stdout == "2 license keys; the ledger is whole, signed by “acme-2026”.\n"


def test_list_shows_a_line_for_each_and_none_before_the_first(desk: Desk) -> None:
    empty = run("list", "--keys", desk.keys)
    assert (empty.exit_code, empty.stdout, empty.stderr) == (0, "", "No license key.\n")
    desk.issue("Example Ltd")
    header, line = run("list", "--keys", desk.keys).stdout.splitlines()
    assert header.split()[0] == "Key"
    assert "Example Ltd  timetracker-nx  Professional  50        2126-04-01 to 2127-03-31" in line


def test_list_by_customer_and_by_signing_key(desk: Desk) -> None:
    desk.issue("Example Ltd")
    desk.issue("Other Ltd")
    assert desk.customers("--customer", "example LTD") == ["Example Ltd"]
    assert desk.customers("--signed-by", "acme-2026") == ["Example Ltd", "Other Ltd"]
    assert desk.customers("--signed-by", "acme") == []


def test_list_tells_what_ends_soon_and_is_not_renewed(desk: Desk) -> None:
    ended = ("--license-start", "2020-01-01", "--license-end", "2020-12-31")
    desk.issue("Ended Ltd", *ended)
    desk.issue("Late Ltd")
    desk.issue("Maintenance Ltd", "--license-start", "2126-04-01", *MAINTAINED[4:])
    desk.issue("Renewed Ltd")
    desk.issue("Renewed Ltd", "--license-start", "2127-04-01")
    days = 36500
    assert desk.customers("--ends-within", str(days)) == []
    soon = ("--license-start", "2026-01-01", "--license-end", "2100-01-01")
    desk.issue("Soon Ltd", *soon)
    desk.issue("Followed Ltd", *soon)
    desk.issue("Followed Ltd", "--license-start", "2100-01-02")
    desk.issue("Elsewhere Ltd", *soon)
    desk.issue("Elsewhere Ltd", "--license-start", "2100-01-02", installation=OTHER_INSTALLATION_ID)
    assert desk.customers("--ends-within", str(days)) == ["Soon Ltd", "Elsewhere Ltd"]


def test_show_gives_a_customers_keys_or_the_one_of_an_id(desk: Desk) -> None:
    first, second = desk.issue("Example Ltd"), desk.issue("Example Ltd")
    desk.issue("Other Ltd")
    shown = run("show", "Example Ltd", "--keys", desk.keys)
    assert shown.exit_code == 0
    assert [line for line in shown.stdout.splitlines() if line.startswith("eyJ")] == [first, second]
    assert shown.stdout.count("Signature            valid, by the key “acme-2026”") == 2
    key_id = LicenseKeys(Keyring.from_file(desk.keys / "keyring.json")).read(second).license.key_id
    by_id = run("show", key_id[:8].upper(), "--keys", desk.keys, "--json")
    assert [entry["license_key"] for entry in json.loads(by_id.stdout)] == [second]


@pytest.mark.parametrize("name", ["Nobody", "1234567", ""])
def test_show_refuses_whom_nothing_was_issued_to(desk: Desk, name: str) -> None:
    desk.issue("Example Ltd")
    assert desk.refused("show", name, "--keys", desk.keys).startswith("Refused (ledger_unknown): ")


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def removed(desk: Desk) -> None:
    desk.ledger.write_bytes(b"".join(line for n, line in enumerate(lines(desk.ledger)) if n not in (1, 2)))


def cut_off(desk: Desk) -> None:
    desk.ledger.write_bytes(b"".join(lines(desk.ledger)[:-2]))


def exchanged(desk: Desk) -> None:
    head, one, first, two, *rest = lines(desk.ledger)
    swapped = [two.replace(b'"position":2', b'"position":1'), first, one.replace(b'"position":1', b'"position":2')]
    desk.ledger.write_bytes(b"".join([head, *swapped, *rest]))


def respelled(desk: Desk) -> None:
    desk.ledger.write_bytes(desk.ledger.read_bytes().replace(b'{"position":1,', b'{ "position":1,'))


def deleted(desk: Desk) -> None:
    desk.ledger.unlink()


def checkpoint_deleted(desk: Desk) -> None:
    desk.newest.unlink()


def checkpoint_altered(desk: Desk) -> None:
    desk.newest.write_bytes(desk.newest.read_bytes().replace(b"\\n2\\n", b"\\n1\\n"))


def another_ledger(desk: Desk) -> None:
    for path in (desk.ledger, desk.newest):
        path.rename(path.with_suffix(".old"))
    desk.issue("Example Ltd")
    desk.issue("Other Ltd")
    desk.newest.with_suffix(".old").rename(desk.newest)


ALTERATIONS = [
    removed,
    cut_off,
    exchanged,
    respelled,
    deleted,
    checkpoint_deleted,
    checkpoint_altered,
    another_ledger,
]


@pytest.mark.parametrize("alter", ALTERATIONS, ids=lambda alter: alter.__name__)
def test_an_alteration_is_said_by_every_command_and_nothing_more_is_issued(desk: Desk, alter: Any) -> None:
    desk.issue("Example Ltd")
    desk.issue("Other Ltd")
    alter(desk)
    before = {path.name: path.read_bytes() for path in desk.keys.iterdir()}
    issue = ("issue", *desk.signing, "--customer", "Third Ltd", *TERMS, *YEAR, "--any-installation")
    for command in (("list", "--keys", desk.keys), ("show", "Other Ltd", "--keys", desk.keys), issue):
        assert desk.refused(*command).startswith("Refused (ledger_altered): ")
    assert desk.verify().exit_code == 1
    assert {path.name: path.read_bytes() for path in desk.keys.iterdir()} == before


def test_every_bit_of_the_ledger_counts(desk: Desk) -> None:
    desk.issue("Example Ltd")
    desk.issue("Other Ltd")
    content = desk.ledger.read_bytes()
    for place in range(0, len(content), 17):
        altered = bytearray(content)
        altered[place] ^= 1 << place % 8
        desk.ledger.write_bytes(altered)
        assert desk.verify().exit_code == 1, place
    desk.ledger.write_bytes(content)
    assert desk.verify().exit_code == 0


def test_a_checkpoint_that_was_kept_elsewhere_shows_that_all_was_put_back(desk: Desk, tmp_path: Path) -> None:
    desk.issue("Example Ltd")
    earlier = {path: path.read_bytes() for path in (desk.ledger, desk.newest)}
    desk.issue("Other Ltd")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(desk.newest.read_bytes())
    assert desk.verify("--checkpoint", elsewhere).exit_code == 0
    for path, content in earlier.items():
        path.write_bytes(content)
    assert desk.verify().exit_code == 0
    assert desk.refused("verify", "--keys", desk.keys, "--checkpoint", elsewhere).startswith("Refused (ledger_altered)")


def test_verify_refuses_what_no_key_of_the_keyring_signed(desk: Desk, tmp_path: Path) -> None:
    desk.issue("Example Ltd")
    other = Desk(tmp_path / "other")
    (desk.keys / "keyring.json").write_bytes((other.keys / "keyring.json").read_bytes().replace(b"2026", b"2027"))
    assert "has no key “acme-2026”" in desk.refused("verify", "--keys", desk.keys)
    listed = run("list", "--keys", desk.keys)
    assert listed.exit_code == 0
    assert "Warning: The ledger is NOT CHECKED" in listed.stderr


@pytest.mark.parametrize("length", [1, 100, -1], ids=["a byte", "within the entry", "all but the line end"])
def test_a_write_that_broke_off_loses_nothing_that_was_printed(desk: Desk, length: int) -> None:
    """The disk as a crash leaves it: a part of the next license key's lines, and the checkpoint from before them."""
    first = desk.issue("Example Ltd")
    before, checkpoint = desk.ledger.read_bytes(), desk.newest.read_bytes()
    desk.issue("Lost Ltd")
    part = desk.ledger.read_bytes()[len(before) :][:length]
    desk.ledger.write_bytes(before + part)
    desk.newest.write_bytes(checkpoint)
    verified = desk.verify()
    assert verified.exit_code == 0
    assert "Warning: A write of the ledger broke off" in verified.stderr
    third = desk.issue("Third Ltd")
    assert [entry["license_key"] for entry in desk.listed()] == [first, third]
    assert desk.verify().stderr == ""


def test_a_crash_between_the_ledger_and_its_checkpoint_keeps_the_key(desk: Desk) -> None:
    desk.issue("Example Ltd")
    checkpoint = desk.newest.read_bytes()
    desk.issue("Other Ltd")
    desk.newest.write_bytes(checkpoint)
    assert desk.customers() == ["Example Ltd", "Other Ltd"]
    desk.issue("Third Ltd")
    assert desk.customers() == ["Example Ltd", "Other Ltd", "Third Ltd"]


def test_a_crash_before_the_first_key_is_written_stops_nobody(desk: Desk) -> None:
    """All that is there then is a checkpoint of nothing."""
    checkpoint = Checkpoint(notes.origin_of(INSTALLATION_ID), 0, Tree().root())
    note = notes.sign(checkpoint, load_signing_key(desk.keys / "signing-key.pem"))
    line = json.dumps({"checkpoint": note, "kid": "acme-2026"}, ensure_ascii=False, separators=(",", ":"))
    desk.newest.write_text(f"{line}\n", encoding="utf-8")
    assert desk.customers() == []
    desk.issue("Example Ltd")
    assert desk.customers() == ["Example Ltd"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_nothing_is_printed_where_nothing_can_be_written(desk: Desk) -> None:
    desk.keys.chmod(0o500)
    issue = ("issue", *desk.signing, "--customer", "Third Ltd", *TERMS, *YEAR, "--any-installation")
    try:
        assert desk.refused(*issue).startswith("Refused (ledger_unusable): ")
    finally:
        desk.keys.chmod(0o700)


def test_nothing_is_printed_where_a_directory_has_the_ledgers_name(desk: Desk) -> None:
    desk.ledger.mkdir()
    issue = ("issue", *desk.signing, "--customer", "Third Ltd", *TERMS, *YEAR, "--any-installation")
    assert desk.refused(*issue).startswith("Refused (ledger_unusable): ")


@pytest.mark.parametrize("issued_before", [0, 1], ids=["the first", "a later one"])
def test_what_was_refused_is_not_in_the_ledger(desk: Desk, issued_before: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full when the checkpoint is to be replaced, after the ledger was written."""
    for _ in range(issued_before):
        desk.issue("Example Ltd")

    def full(path: Path, content: bytes) -> None:
        if path.name == "issued.checkpoint" and desk.ledger.exists():
            raise OSError(ENOSPC, "No space left on device")
        replaced(path, content)

    issue = ("issue", *desk.signing, "--customer", "Third Ltd", *TERMS, *YEAR, "--any-installation")
    with monkeypatch.context() as patched:
        patched.setattr("application.issuing.ledger.replaced", full)
        assert desk.refused(*issue).startswith("Refused (ledger_unusable): ")
    assert desk.customers() == ["Example Ltd"] * issued_before
    desk.issue("Other Ltd")
    assert desk.customers() == [*["Example Ltd"] * issued_before, "Other Ltd"]


def test_who_issues_at_once_waits_for_the_other(desk: Desk) -> None:
    def issue(number: int) -> str:
        command = ["issue", *desk.signing, "--customer", f"Customer {number}", *TERMS, *YEAR, "--any-installation"]
        code = "from interface.cli.vendor import vendor; vendor()"
        arguments = [sys.executable, "-c", code, *command]
        return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(issue, range(4)))
    assert sorted(entry["license_key"] for entry in desk.listed()) == sorted(keys)
    assert desk.verify().stderr == ""


def test_the_example_of_the_page_is_a_whole_ledger(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "vendor-ledger.md").read_text(encoding="utf-8")
    for name, content in re.findall(r"^`([a-z.]+)`:\n\n```(?:json)?\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        (tmp_path / name).write_text(content, encoding="utf-8")
    verified = run("verify", "--keys", tmp_path)
    assert (verified.stdout, verified.stderr) == (
        "2 license keys; the ledger is whole, signed by “acme-2026”.\n",
        "",
    )


def test_the_leaf_is_as_the_page_has_it() -> None:
    """Computed here by hand, from the page's words."""
    page = (ROOT / "docs" / "vendor-ledger.md").read_text(encoding="utf-8")
    example = page.partition("## An example")[2]
    objects = [json.loads(line) for line in example.splitlines() if line.startswith('{"')]
    ledger, key, note = objects[0]["ledger"], objects[1]["license_key"], objects[2]["checkpoint"]
    fields = (ledger.replace("-", "").encode(), (1).to_bytes(8, "big"), b"vendor:LicenseKeyIssued", key.encode())
    entry = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    root = b64encode(sha256(b"\0" + entry).digest()).decode()
    assert note.startswith(f"seatledger/{ledger}\n1\n{root}\n\n— seatledger/{ledger} ")

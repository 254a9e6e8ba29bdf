"""Verification of exports: what is sound is said to be, and the first line that is not is named."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from application.exported import OwnEvidence, verify_and_replay
from application.log.sealing import unseal
from application.proof import verify_export
from application.proof.notes import Checkpoint, sign
from application.proof.verify_export import KEYS_FROM_EXPORT, Finding, StoredEvent, read_export
from tests.examples import (
    KID,
    OTHER_INSTALLATION_ID,
    REVOKED_KID,
    REVOKED_SIGNING_KEY,
    a_key,
)
from tests.proof_examples import (
    EXPORT,
    INSTALLATION,
    JWK_SET,
    KEYRING_FILE,
    LOG,
    LOG_KEY,
    ORIGIN,
    STATE,
    VKEY,
    a_checkpoint,
    a_log,
    an_export,
    code_and_position,
    finding,
    leaves_of,
    lines_of,
    root,
    verified,
)

DOCS = Path(__file__).parents[3] / "docs"


# What is sound.


def test_a_sound_export_is_verified_in_words_that_can_be_quoted() -> None:
    report = verified(EXPORT, log_keys=[VKEY], keyring=KEYRING_FILE, kept_checkpoints=[[a_checkpoint(LOG, 7)]])
    assert list(report.lines()) == [
        "Installation 7d3c1f5a-2b64-4e0e-9c58-0f6a1d2b3c4d.",
        "20 events checked: positions without a gap, every leaf matches its event.",
        "Rules: the commands of Seatledger could have recorded every one of these events where it stands.",
        "3 checkpoints checked: root and signature, with your log key.",
        "2 license keys checked: signature and what the event says, with your keyring.",
        "The first 7 events are those of the checkpoint that you kept.",
        "Alarms in the history: none.",
        f"Root of all 20 events: {a_checkpoint(LOG).splitlines()[2]}",
        "Nothing is wrong.",
    ]
    assert report.state == STATE
    assert json.loads(report.as_json())["result"] == "ok"


@pytest.mark.parametrize(
    "own", [{}, {"log_keys": [VKEY]}, {"keyring": KEYRING_FILE}], ids=["none", "log key", "keyring"]
)
def test_without_both_of_the_auditors_keys_the_report_says_what_it_shows(own: dict[str, Any]) -> None:
    report = verified(EXPORT, **own)
    assert report.finding is None
    assert KEYS_FROM_EXPORT == "keys taken from the export: shows that it is whole, not who made it"
    assert KEYS_FROM_EXPORT in report.lines()


@pytest.mark.parametrize("events", [1, 2, 3, 5, 8, 33])
def test_logs_of_every_size_verify(events: int) -> None:
    assert verified(an_export(a_log(events))).finding is None


def test_what_is_written_is_read_again_byte_for_byte() -> None:
    log = [*a_log(3), ("seatledger:UserAdded", bytes(range(256))), ("seatledger:UserAdded", b"")]
    read = [record for record in read_export(io.BytesIO(an_export(log))) if isinstance(record, StoredEvent)]
    assert [(event.topic, event.state) for event in read] == log
    assert [event.leaf for event in read] == leaves_of(log)
    assert [event.position for event in read] == [1, 2, 3, 4, 5]
    assert {event.originator_id for event in read} == {INSTALLATION.hex}


def test_every_line_is_json() -> None:
    for line in lines_of(EXPORT):
        assert isinstance(json.loads(line), dict)


def test_every_event_is_handed_on_after_its_checks() -> None:
    seen: list[tuple[int, str, str, bytes]] = []
    verified(EXPORT, on_event=lambda *event: seen.append(event))
    assert seen == [(position, INSTALLATION.hex, *event) for position, event in enumerate(LOG, 1)]


def test_what_a_replay_raises_is_a_finding_at_its_event() -> None:
    def replay(position: int, *_: object) -> None:
        if position == 9:
            raise KeyError("user_id")

    assert code_and_position(EXPORT, on_event=replay) == ("cannot_be_replayed", 9)


def test_a_finding_that_a_replay_raises_is_reported_as_it_is() -> None:
    def replay(position: int, *_: object) -> None:
        raise Finding("of_its_own", "Something.", position)

    assert code_and_position(EXPORT, on_event=replay) == ("of_its_own", 1)


# Lines cut, moved, doubled, foreign.


def test_an_export_cut_at_any_byte_is_found_out() -> None:
    export = an_export(a_log(4, registrations=()))
    for length in range(len(export)):
        assert finding(export[:length]).code in ("cut_short", "not_an_export")


def test_every_line_left_out_doubled_or_swapped_is_found_out() -> None:
    lines = lines_of(EXPORT)
    for at in range(len(lines)):
        finding(b"".join([*lines[:at], *lines[at + 1 :]]))
        finding(b"".join([*lines[:at], lines[at], *lines[at:]]))
        if at + 1 < len(lines):
            finding(b"".join([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]))


@pytest.mark.parametrize(
    ("change", "code", "position"),
    [
        (lambda lines: [*lines[:4], *lines[5:]], "gap", 4),
        (lambda lines: [*lines[:3], *lines[5:]], "gap", 3),
        (lambda lines: [*lines[:4], lines[3], *lines[4:]], "out_of_order", 4),
        (lambda lines: [*lines[:4], b"\n", *lines[4:]], "malformed_line", 4),
        (lambda lines: [*lines[:4], lines[4].replace(b'"topic"', b' "topic"'), *lines[5:]], "malformed_line", 4),
        (lambda lines: [*lines, lines[-1]], "after_the_end", None),
        (lambda lines: [*lines, b"\n"], "after_the_end", None),
        (lambda lines: lines[:-1], "cut_short", 21),
        (lambda lines: [lines[0], *lines[2:]], "gap", 1),
        (lambda lines: lines[1:], "not_an_export", None),
        (lambda lines: [*lines[:4], lines[6], *lines[4:6], *lines[7:]], "events_missing", 4),
        (lambda lines: [*lines[:6], *lines[7:9], lines[6], *lines[9:]], "out_of_order", 7),
        (lambda lines: [*lines[:6], *lines[7:]], "counts_differ", 21),
        (lambda lines: [*lines[:-1], lines[-1].replace(b'"events":20', b'"events":19')], "counts_differ", 21),
    ],
    ids=["left out", "several left out", "doubled", "empty line", "a space", "last line twice", "something after",
         "last line missing", "first event missing", "header missing", "checkpoint moved up", "checkpoint moved down",
         "checkpoint left out", "other count"],
)  # fmt: skip
def test_the_first_line_out_of_place_is_named(
    change: Callable[[list[bytes]], list[bytes]], code: str, position: int | None
) -> None:
    assert code_and_position(b"".join(change(lines_of(EXPORT)))) == (code, position)


def test_an_event_or_a_checkpoint_of_another_installation_is_named() -> None:
    other = UUID(OTHER_INSTALLATION_ID)
    export = EXPORT.replace(INSTALLATION.hex.encode(), other.hex.encode())
    assert code_and_position(export) == ("other_installation", 1)
    renamed = export.replace(str(INSTALLATION).encode(), str(other).encode())
    assert code_and_position(renamed)[0] == "log_key_invalid"
    log = LOG
    foreign = sign(Checkpoint(ORIGIN, 20, root(leaves_of(log))), LOG_KEY).replace(str(INSTALLATION), str(other))
    assert code_and_position(an_export(log, checkpoints=[foreign])) == ("checkpoint_invalid", 20)


def test_a_newer_format_is_named() -> None:
    export = EXPORT.replace(b'"version":2', b'"version":3,"something":["new"]', 1)
    found = finding(export)
    assert found.code == "newer_format"
    assert "Take the verifier of the version that made the export." in found.sentence


@pytest.mark.parametrize(
    "topic",
    ["os:system", "seatledger:", "seatledger:userAdded", "seatledger:A.B", "seatledger:Ä", "seatledger:Created", "\t"],
)
def test_a_kind_of_event_that_is_not_ours_is_named(topic: str) -> None:
    export = an_export([*a_log(4), (topic, b"{}")], checkpoints=[a_checkpoint(LOG, 4)])
    code, position = code_and_position(export)
    assert position == 5
    assert code in ("unknown_topic", "malformed_line")


def test_a_log_opens_its_installation_first_and_once() -> None:
    assert code_and_position(an_export(LOG[1:])) == ("unknown_topic", 1)
    assert code_and_position(an_export([*a_log(4), LOG[0]], checkpoints=[])) == ("unknown_topic", 5)


# License keys.


def a_registration(position: int, **changed: Any) -> bytes:
    state = json.loads(a_log(position, registrations=(position,))[-1][1])
    return json.dumps({**state, **changed}, ensure_ascii=False, separators=(",", ":")).encode()


def with_registration(state: bytes) -> bytes:
    log = LOG
    return an_export([*log[:6], ("seatledger:LicenseRegistered", state), *log[7:]])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("licenses", 500), ("licenses", 7.0), ("licenses", "7"), ("edition", "Enterprise"), ("license_end", None),
        ("license_start", "2026-03-01"), ("maintenance_start", None), ("maintenance_end", "2099-12-31"),
        ("optional_products", []), ("optional_products", ["Analytics", "More"]), ("customer", "Other"),
        ("issuer", "Other"), ("audience", str(INSTALLATION)), ("product", "other"), ("key_id", "0"), ("issued_at", 1),
        ("signing_key_id", REVOKED_KID), ("fingerprint", "0" * 64), ("other_claims", {"x_a": 1}),
    ],
)  # fmt: skip
def test_an_event_that_says_what_its_license_key_does_not_say_is_named(field: str, value: object) -> None:
    code, position = code_and_position(with_registration(a_registration(7, **{field: value})))
    assert position == 7
    assert code in ("license_key_contradicted", "malformed_state")


@pytest.mark.parametrize(
    "key_text",
    ["", "a.b.c", "....", 7, None, [], {}, "é.é.é", a_key(kid="unknown"),
     a_key(signing_key=REVOKED_SIGNING_KEY, kid=KID),
     a_key() + "A", a_key()[:-1], a_key().replace(".", "..")],
    ids=lambda text: str(text)[-12:],
)  # fmt: skip
def test_a_license_key_that_the_vendor_did_not_sign_is_named(key_text: object) -> None:
    found = finding(with_registration(a_registration(7, key_text=key_text)))
    assert (found.code, found.position) == ("license_key_invalid", 7)
    assert not isinstance(key_text, str) or len(key_text) < 5 or key_text not in found.sentence


@pytest.mark.parametrize("state", [b"", b"nonsense", b"[]", b"\xff", b'{"a":1,"a":1}', b'{"a":NaN}', b"[" * 100_000])
def test_a_registration_whose_content_cannot_be_read_is_named(state: bytes) -> None:
    assert code_and_position(with_registration(state)) == ("malformed_state", 7)


def test_a_license_key_for_another_installation_or_product_is_named() -> None:
    for fields in ({"audience": OTHER_INSTALLATION_ID}, {"product": "other"}):
        assert code_and_position(an_export(a_log(9, registrations=(7,), **fields))) == ("license_key_invalid", 7)
    assert verified(an_export(a_log(9, registrations=(7,), audience=str(INSTALLATION)))).finding is None


def test_a_license_key_is_checked_against_the_auditors_keyring_and_not_the_exports() -> None:
    other = {"keys": [{**jwk, "kid": f"other {jwk['kid']}"} for jwk in JWK_SET["keys"]]}
    code, position = code_and_position(EXPORT, keyring=json.dumps(other).encode())
    assert (code, position) == ("license_key_invalid", 4)


def test_a_license_key_signed_before_its_signing_key_was_revoked_stays_and_is_counted() -> None:
    revoked = {"keys": [{**jwk, "status": "revoked"} for jwk in JWK_SET["keys"]]}
    report = verified(EXPORT, keyring=json.dumps(revoked).encode())
    assert report.finding is None
    assert "Of these, 2 signed with a key that the vendor has revoked since." in report.lines()


def test_claims_of_the_vendors_own_are_compared_too() -> None:
    log = a_log(9, registrations=(7,), other_claims={"x_contract": "C-1", "x_log_size": 4})
    assert verified(an_export(log)).finding is None


# The documents.


def blocks_of_the_example() -> list[str]:
    """The export of the specification's example, and the state of its third event."""
    example = (DOCS / "audit-export.md").read_text(encoding="utf-8").split("## An example")[1]
    return [block.split("```")[0] for block in example.split("```json\n")[1:]]


def test_the_example_of_the_specification_is_a_sound_export_and_replays_to_its_state() -> None:
    export, state = blocks_of_the_example()
    report = verify_and_replay(io.BytesIO(export.encode()), OwnEvidence(log_keys=[VKEY]))
    assert (report.finding, report.events) == (None, 3)
    third = json.loads(export.splitlines()[3])
    assert base64.b64decode(third["state"]).decode() == state.rstrip("\n")


def test_the_sealed_names_of_the_example_open_with_its_key() -> None:
    fields = json.loads(blocks_of_the_example()[1])
    assert unseal(b"\7" * 32, fields["user_id"], fields["sealed_name"]) == ("Zoë", "zoë")


def test_the_page_of_the_format_names_every_rule_and_every_member() -> None:
    page = (DOCS / "audit-export.md").read_text(encoding="utf-8")
    states, rules = page.split("## States")[1].split("## Rules")[0], page.split("## Rules")[1].split("## What is")[0]
    first_cells = re.findall(r"^\| ([A-Za-z0-9, ]+) \|", rules, re.MULTILINE)[1:]
    assert sorted(rule for cell in first_cells for rule in cell.split(", ")) == sorted(verify_export.RULES)
    for topic, members in verify_export.EVENTS.items():
        assert topic.removeprefix("seatledger:") in states
        assert all(f"`{member}`" in states for member in members), topic


def test_the_auditors_page_explains_every_finding() -> None:
    explained = re.findall(r"^\| `([a-z_]+)` \|", (DOCS / "audit.md").read_text(encoding="utf-8"), re.MULTILINE)
    single_file = Path(verify_export.__file__)
    replaying = DOCS.parent / "application" / "exported.py"
    source = "".join(path.read_text(encoding="utf-8") for path in (single_file, replaying))
    codes = set(re.findall(r'(?:Finding\(\s*|if number == 1 else )"([a-z_]+)"', source))
    assert {"not_an_export", "line_too_long", "leaf_mismatch"} <= codes
    assert sorted(explained) == sorted(codes)

"""C10 and C11: flipped bits, forgers who keep all in step, restored backups, and what the store no longer has."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from application.proof.export import ExportWriter
from application.proof.notes import Checkpoint, origin_of, sign, vkey
from tests.examples import (
    OTHER_INSTALLATION_ID,
)
from tests.proof_examples import (
    EXPORT,
    INSTALLATION,
    JWK_SET,
    KEYRING_FILE,
    LOG,
    LOG_KEY,
    ORIGIN,
    OTHER_LOG_KEY,
    STATE,
    VKEY,
    a_checkpoint,
    a_log,
    a_user,
    an_export,
    an_id,
    code_and_position,
    finding,
    flipped,
    leaves_of,
    lines_of,
    root,
    seeded,
    verified,
)

# C10: a flipped bit.


def flips_in_the_store(count: int) -> Iterator[tuple[bytes, int]]:
    """Exports of a log with one bit flipped in an event, a leaf or a checkpoint, and the position that is wrong."""
    chance, log, sizes = seeded(count), LOG, (5, 10, 20)
    for number in range(count):
        altered, leaves, notes = list(log), leaves_of(log), [a_checkpoint(log, size) for size in sizes]
        position = chance.randint(1, len(log))
        if number % 3 == 0:
            topic, state = log[position - 1]
            altered[position - 1] = (topic, flipped(state, chance))
        elif number % 3 == 1:
            leaves[position - 1] = flipped(leaves[position - 1], chance)
        else:
            at = chance.randrange(3)
            position, body = sizes[at], notes[at].split("\n", 2)[2]
            changed = flipped(body.encode(), chance).decode(errors="replace")
            notes[at] = f"{ORIGIN}\n{position}\n{changed}"
        yield an_export(altered, leaves=leaves, checkpoints=notes), position


def check_flips_in_the_store(count: int) -> None:
    for export, position in flips_in_the_store(count):
        for own in ({}, {"log_keys": [VKEY], "keyring": KEYRING_FILE}):
            assert finding(export, **own).position == position


def check_flips_in_the_file(count: int) -> None:
    """A flipped bit in any line but the first and the last names the event of the line, or what a checkpoint is at."""
    chance, export = seeded(count), lines_of(EXPORT)
    for _ in range(count):
        number = chance.randrange(1, len(export) - 1)
        events_before = sum(line.startswith(b'{"position"') for line in export[:number])
        is_event = export[number].startswith(b'{"position"')
        altered = [*export[:number], flipped(export[number], chance), *export[number + 1 :]]
        position = finding(b"".join(altered)).position
        assert position in ({events_before + 1} if is_event else {events_before, events_before + 1})


def test_a_flipped_bit_in_the_store_is_named_at_its_position() -> None:
    check_flips_in_the_store(100)


def test_a_flipped_bit_in_the_file_is_named_at_its_position() -> None:
    check_flips_in_the_file(100)


@pytest.mark.long
def test_two_thousand_flipped_bits_are_named_at_their_positions() -> None:
    check_flips_in_the_store(1_000)
    check_flips_in_the_file(1_000)


def test_any_flipped_bit_in_the_first_or_last_line_never_crashes() -> None:
    chance, export = seeded(1), lines_of(EXPORT)
    for _ in range(300):
        verified(b"".join([flipped(export[0], chance), *export[1:]]))
        verified(b"".join([*export[:-1], flipped(export[-1], chance)]))


# A forger who keeps leaves, roots and counts in step.


def test_an_event_altered_together_with_its_leaf_contradicts_the_next_checkpoint() -> None:
    log = LOG
    forged = [*log[:7], a_user(8, user_id=an_id("forged")), *log[8:]]
    notes = [a_checkpoint(log, size) for size in (5, 10, 20)]
    found = finding(an_export(forged, checkpoints=notes))
    assert (found.code, found.position) == ("root_mismatch", 6)
    assert "one of 6 to 10 was altered" in found.sentence


def test_a_log_signed_anew_with_another_key_is_found_with_the_auditors_log_key_alone() -> None:
    forged = an_export([*a_log(19), a_user(20, user_id=an_id("forged"))], log_key=OTHER_LOG_KEY)
    assert verified(forged).finding is None
    assert code_and_position(forged, log_keys=[VKEY]) == ("checkpoint_invalid", 5)


def test_a_log_signed_anew_with_the_true_key_is_found_with_a_kept_checkpoint_alone() -> None:
    kept = a_checkpoint(LOG, 12)
    forged = an_export([*a_log(8), a_user(9, user_id=an_id("forged")), *LOG[9:]])
    assert verified(forged, log_keys=[VKEY]).finding is None
    assert code_and_position(forged, log_keys=[VKEY], kept_checkpoints=[[kept]]) == ("kept_checkpoint_contradicted", 1)


def test_a_kept_checkpoint_contradicts_a_log_also_at_its_very_end() -> None:
    kept = sign(Checkpoint(ORIGIN, 20, b"\0" * 32), LOG_KEY)
    assert code_and_position(EXPORT, kept_checkpoints=[[kept]]) == ("kept_checkpoint_contradicted", 1)


@pytest.mark.parametrize("events", [11, 12, 19])
def test_a_restored_backup_fails_loudly_against_the_kept_checkpoint(events: int) -> None:
    """C11."""
    backup = an_export(a_log(events))
    assert verified(backup, log_keys=[VKEY]).finding is None
    found = finding(backup, log_keys=[VKEY], kept_checkpoints=[[a_checkpoint(LOG)]])
    assert (found.code, found.position) == ("older_than_kept_checkpoint", events + 1)
    assert f"The log ends at event {events}, but the checkpoint that you kept is for 20" in found.sentence


def test_a_restored_backup_that_went_on_contradicts_the_kept_checkpoint() -> None:
    """C11."""
    went_on = [*a_log(15), *(a_user(position, user_id=an_id(f"other {position}")) for position in range(16, 30))]
    found = finding(an_export(went_on), log_keys=[VKEY], kept_checkpoints=[[a_checkpoint(LOG)]])
    assert found.code == "kept_checkpoint_contradicted"


def test_a_kept_checkpoint_of_nothing_yet_fits_every_log() -> None:
    assert verified(EXPORT, kept_checkpoints=[[sign(Checkpoint(ORIGIN, 0, root([])), LOG_KEY)]]).finding is None


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        ("nonsense", "kept_checkpoint_invalid"),
        ("", "kept_checkpoint_invalid"),
        (a_checkpoint(LOG, log_key=OTHER_LOG_KEY), "kept_checkpoint_invalid"),
        (sign(Checkpoint(origin_of(OTHER_INSTALLATION_ID), 5, root([])), LOG_KEY), "kept_checkpoint_invalid"),
    ],
    ids=["nonsense", "empty", "other key", "other installation"],
)
def test_a_kept_checkpoint_that_does_not_fit_is_named(kept: str, code: str) -> None:
    assert finding(EXPORT, kept_checkpoints=[[kept]]).code == code


@pytest.mark.parametrize(
    "log_keys",
    [[], [""], ["nonsense"], [vkey(origin_of(OTHER_INSTALLATION_ID), LOG_KEY.public_key())], [VKEY, "nonsense"]],
    ids=["none", "empty", "nonsense", "other installation", "one of two"],
)
def test_a_log_key_that_is_none_of_this_log_is_named(log_keys: list[str]) -> None:
    assert code_and_position(EXPORT, log_keys=log_keys) == ("log_key_invalid", None)


def test_a_log_whose_key_was_changed_verifies_with_both_keys() -> None:
    log = LOG
    notes = [a_checkpoint(log, 10), a_checkpoint(log, 20, log_key=OTHER_LOG_KEY)]
    both = [VKEY, vkey(ORIGIN, OTHER_LOG_KEY.public_key())]
    assert verified(an_export(log, checkpoints=notes), log_keys=both).finding is None
    assert code_and_position(an_export(log, checkpoints=notes), log_keys=[VKEY]) == ("checkpoint_invalid", 20)


@pytest.mark.parametrize(
    "keyring",
    [b"", b"nonsense", b"[]", b"{}", b'{"keys":{}}', b'{"keys":[1]}', b'{"keys":[{"kty":"OKP","crv":"Ed25519"}]}',
     b'{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"AAAA"}]}', b'{"keys":[],"keys":[]}', b"\xff", b"[" * 9999],
    ids=str,
)  # fmt: skip
def test_a_keyring_that_is_none_is_named_and_never_taken_for_one(keyring: bytes) -> None:
    assert finding(EXPORT, keyring=keyring).code in ("keyring_invalid", "license_key_invalid")


# Events and leaves that the store no longer has.


def test_a_removed_newest_event_is_named_by_its_leaf_that_stayed() -> None:
    log = LOG
    stream = io.BytesIO()
    writer = ExportWriter(stream, INSTALLATION, log_keys=[VKEY], keyring=JWK_SET)
    for position, (event, stored_leaf) in enumerate(zip(log[:-1], leaves_of(log), strict=False), 1):
        writer.event(INSTALLATION, position, *event, stored_leaf)
    writer.missing_event(20, leaves_of(log)[-1])
    writer.checkpoint(a_checkpoint(log))
    writer.end(STATE)
    assert code_and_position(stream.getvalue()) == ("event_missing", 20)


def test_a_removed_newest_event_with_its_leaf_is_named_by_the_checkpoint_that_signed_it() -> None:
    notes = [a_checkpoint(LOG, size) for size in (10, 20)]
    found = finding(an_export(a_log(19), checkpoints=notes))
    assert (found.code, found.position) == ("events_missing", 20)
    assert found.sentence == "A checkpoint signs 20 events, but only 19 stand before it: event 20 is missing."


def test_a_missing_leaf_is_named() -> None:
    stream = io.BytesIO()
    writer = ExportWriter(stream, INSTALLATION, log_keys=[VKEY], keyring=JWK_SET)
    writer.event(INSTALLATION, 1, *LOG[0], None)
    writer.end(STATE)
    assert code_and_position(stream.getvalue()) == ("leaf_missing", 1)


def test_events_that_no_checkpoint_signs_are_named() -> None:
    assert code_and_position(an_export(checkpoints=[a_checkpoint(LOG, 13)])) == ("unsigned_events", 14)
    assert code_and_position(an_export(checkpoints=[])) == ("unsigned_events", 1)


def test_a_log_without_an_event_is_none() -> None:
    assert code_and_position(an_export([], checkpoints=[])) == ("unsigned_events", 1)

"""Many kept checkpoints, log keys of earlier times, the anchors of vendors: each is compared with all others."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from application.proof import verify_export
from application.proof.notes import Checkpoint, sign, vkey
from application.proof.verify_export import Tree
from domain.license import fields_of_key
from tests.examples import a_license_key
from tests.proof_examples import (
    EXPORT,
    LOG,
    LOG_KEY,
    ORIGIN,
    OTHER_LOG_KEY,
    VKEY,
    Event,
    a_checkpoint,
    a_log,
    a_state,
    a_user,
    an_export,
    an_id,
    code_and_position,
    finding,
    leaves_of,
    root,
    verified,
)

OTHER_VKEY = vkey(ORIGIN, OTHER_LOG_KEY.public_key())
REWRITTEN: list[Event] = [*a_log(8), a_user(9, user_id=an_id("forged")), *LOG[9:]]
"""The log with another event at position 9."""


def files(*notes: str) -> list[list[str]]:
    """As they are read, each from a file of its own."""
    return [[note] for note in notes]


# Kept checkpoints.


def test_every_kept_checkpoint_is_compared_with_the_export() -> None:
    sizes = (3, 7, 12, 20)
    report = verified(EXPORT, log_keys=[VKEY], kept_checkpoints=files(*(a_checkpoint(LOG, size) for size in sizes)))
    assert (report.finding, report.kept_size) == (None, 20)


@pytest.mark.parametrize("contradicting", [9, 12, 20])
def test_one_of_many_kept_checkpoints_that_contradicts_the_export_is_found(contradicting: int) -> None:
    """In whatever order they are given; those of before the alteration agree with it."""
    kept = files(a_checkpoint(LOG, 5), a_checkpoint(REWRITTEN, contradicting), a_checkpoint(LOG, 7))
    for order in (kept, kept[::-1]):
        assert code_and_position(EXPORT, log_keys=[VKEY], kept_checkpoints=order) == ("kept_checkpoint_contradicted", 1)


def test_a_file_that_holds_several_notes_counts_with_all_that_are_signed() -> None:
    stranger = a_checkpoint(LOG, 11, log_key=OTHER_LOG_KEY)
    notes = [stranger, a_checkpoint(LOG, 7), a_checkpoint(REWRITTEN, 9)]
    assert code_and_position(EXPORT, log_keys=[VKEY], kept_checkpoints=[notes])[0] == "kept_checkpoint_contradicted"
    assert verified(EXPORT, log_keys=[VKEY], kept_checkpoints=[notes[:2]]).kept_size == 7


def test_every_file_must_hold_one_that_is_signed() -> None:
    kept = files(a_checkpoint(LOG, 7), a_checkpoint(LOG, 9, log_key=OTHER_LOG_KEY))
    assert code_and_position(EXPORT, log_keys=[VKEY], kept_checkpoints=kept) == ("kept_checkpoint_invalid", None)


@pytest.mark.parametrize("size", [9, 20, 500], ids=["within the log", "at its end", "beyond it"])
def test_two_kept_checkpoints_of_one_size_with_two_roots_convict_the_keys_holder(size: int) -> None:
    others = [sign(Checkpoint(ORIGIN, size, bytes([number]) * 32), LOG_KEY) for number in (1, 2)]
    kept = files(a_checkpoint(LOG, 5), *others)
    found = finding(EXPORT, log_keys=[VKEY], kept_checkpoints=kept)
    assert (found.code, found.position) == ("checkpoints_contradict_each_other", None)
    assert f"are for {size} events and have different roots" in found.sentence
    assert finding(EXPORT, log_keys=[VKEY], kept_checkpoints=[[note for (note,) in kept]]).code == found.code


def test_the_same_checkpoint_kept_twice_contradicts_nothing() -> None:
    kept = files(a_checkpoint(LOG, 7), a_checkpoint(LOG, 7))
    assert verified(EXPORT, log_keys=[VKEY], kept_checkpoints=kept).finding is None


def test_the_newest_kept_checkpoint_tells_that_the_log_went_back() -> None:
    kept = files(a_checkpoint(LOG, 7), a_checkpoint(a_log(24), 24), a_checkpoint(LOG, 9))
    assert code_and_position(EXPORT, log_keys=[VKEY], kept_checkpoints=kept) == ("older_than_kept_checkpoint", 21)


# Log keys of earlier times.


def changed_at(size: int, log: list[Event] | None = None) -> bytes:
    """The export of a log whose key was changed behind `size` events: before, the other key had signed."""
    log = LOG if log is None else log
    notes = [a_checkpoint(log, size, log_key=OTHER_LOG_KEY), a_checkpoint(log)]
    return an_export(log, checkpoints=notes)


def test_an_old_log_key_is_good_for_what_was_kept_and_proves_what_came_before_it() -> None:
    kept = files(a_checkpoint(LOG, 10, log_key=OTHER_LOG_KEY))
    report = verified(changed_at(10), log_keys=[VKEY], old_log_keys=[OTHER_VKEY], kept_checkpoints=kept)
    assert (report.finding, report.kept_size, report.checkpoints_by_kept) == (None, 10, 1)
    assert "Of these, 1 proven by the checkpoint that you kept, and not by that key." in report.lines()


def test_what_a_kept_checkpoint_proves_needs_no_signature_of_a_trusted_key() -> None:
    report = verified(changed_at(10), log_keys=[VKEY], kept_checkpoints=files(a_checkpoint(LOG, 12)))
    assert (report.finding, report.checkpoints_by_kept) == (None, 1)


def test_an_old_log_key_alone_is_good_for_nothing() -> None:
    old = {"log_keys": [VKEY], "old_log_keys": [OTHER_VKEY]}
    assert code_and_position(changed_at(10), **old) == ("checkpoint_invalid", 10)
    kept = files(a_checkpoint(LOG, 9))
    assert code_and_position(changed_at(10), kept_checkpoints=kept, **old) == ("checkpoint_invalid", 10)


def test_who_stole_an_old_log_key_can_forge_nothing_after_what_was_kept() -> None:
    forged = an_export(REWRITTEN, log_key=OTHER_LOG_KEY)
    old = {"log_keys": [VKEY], "old_log_keys": [OTHER_VKEY]}
    kept = files(a_checkpoint(LOG, 10, log_key=OTHER_LOG_KEY))
    assert finding(forged, kept_checkpoints=kept, **old).code == "kept_checkpoint_contradicted"
    kept = files(a_checkpoint(LOG, 8, log_key=OTHER_LOG_KEY))
    assert code_and_position(forged, kept_checkpoints=kept, **old) == ("checkpoint_invalid", 10)


def test_without_the_old_key_a_checkpoint_that_it_signed_is_not_known() -> None:
    kept = files(a_checkpoint(LOG, 10, log_key=OTHER_LOG_KEY))
    assert finding(changed_at(10), log_keys=[VKEY], kept_checkpoints=kept).code == "kept_checkpoint_invalid"


def test_a_checkpoint_that_a_kept_one_proves_still_has_its_root_compared() -> None:
    notes = [sign(Checkpoint(ORIGIN, 10, b"\1" * 32), OTHER_LOG_KEY), a_checkpoint(LOG)]
    kept = files(a_checkpoint(LOG, 12))
    export = an_export(LOG, checkpoints=notes)
    assert code_and_position(export, log_keys=[VKEY], kept_checkpoints=kept) == ("root_mismatch", 1)


@pytest.mark.parametrize("old", ["nonsense", vkey("seatledger/other", LOG_KEY.public_key())], ids=["none", "other"])
def test_an_old_log_key_that_is_none_of_this_log_is_named(old: str) -> None:
    assert code_and_position(EXPORT, log_keys=[VKEY], old_log_keys=[old]) == ("log_key_invalid", None)


def test_the_one_file_takes_them_at_its_command_line(tmp_path: Path) -> None:
    shutil.copy(verify_export.__file__, tmp_path / "verify_export.py")
    (tmp_path / "export").write_bytes(changed_at(10))
    (tmp_path / "kept 1").write_text(a_checkpoint(LOG, 6, log_key=OTHER_LOG_KEY))
    (tmp_path / "kept 2").write_text(a_checkpoint(LOG, 10, log_key=OTHER_LOG_KEY))
    (tmp_path / "log.vkey").write_text(VKEY)
    (tmp_path / "old.vkey").write_text(OTHER_VKEY)
    words = ["export", "--json", "--log-key", "log.vkey", "--checkpoint", "kept 1", "--checkpoint", "kept 2"]
    command = [sys.executable, "-I", "-W", "error", "verify_export.py", *words, "--old-log-key", "old.vkey"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=True)
    report = json.loads(result.stdout)
    assert (report["result"], report["kept_size"], report["checkpoints_by_kept"]) == ("ok", 10, 1)


# What vendors keep: the anchors in license keys.


def with_anchor(size: int, root_: str, *, at: int = 12, alarm: bool = False) -> bytes:
    """The export of a log in which a license key that was registered at a position carries a checkpoint."""
    log = a_log()
    fields = fields_of_key(a_license_key(licenses=99, other_claims={"x_log_size": size, "x_log_root": root_}))
    log[at - 1] = ("seatledger:LicenseRegistered", a_state(at, **fields))
    if alarm:
        contradicted = {"size": size, "root": root_, "command_id": an_id(f"command {at}")}
        log[at] = ("seatledger:LogAnchorContradicted", a_state(at + 1, **contradicted))
    return an_export(log)


def root_at(size: int, log: list[Event] = LOG) -> str:
    return verify_export.to_base64(root(leaves_of(log[:size])))


@pytest.mark.parametrize("size", [1, 3, 8, 11])
def test_an_anchor_that_is_on_the_tree_is_no_finding(size: int) -> None:
    report = verified(with_anchor(size, root_at(size)))
    assert (report.finding, report.contradicted_anchors) == (None, [])


CONTRADICTED: list[tuple[str, int, str]] = [
    ("another root", 8, root_at(9)),
    ("more events than there were", 12, root_at(12)),
    ("more events than there are", 900, root_at(9)),
    ("a negative size", -1, root_at(9)),
    ("no root at all", 8, "none"),
]


@pytest.mark.parametrize("alarm", [False, True], ids=["no alarm recorded", "alarm recorded"])
@pytest.mark.parametrize(("size", "root_"), [case[1:] for case in CONTRADICTED], ids=[case[0] for case in CONTRADICTED])
def test_an_anchor_that_is_not_on_the_tree_is_found_whether_or_not_it_was_recorded(
    size: int, root_: str, alarm: bool
) -> None:
    report = verified(with_anchor(size, root_, alarm=alarm))
    assert report.finding is not None
    assert (report.finding.code, report.finding.position) == ("anchor_contradicted", 12)
    assert report.contradicted_anchors == [12]
    assert report.alarms["LogAnchorContradicted"] == ([13] if alarm else [])
    assert (report.events, report.signed_size) == (20, 20)  # all the rest was verified
    assert report.is_whole


def test_something_else_that_is_wrong_is_told_before_a_contradicted_anchor() -> None:
    export = with_anchor(8, root_at(9)).replace(b'"events":20', b'"events":19')
    assert code_and_position(export) == ("counts_differ", 21)


def test_alarms_are_told_with_their_positions() -> None:
    report = verified(with_anchor(8, root_at(9), alarm=True))
    assert "Alarms in the history: 1 LogAnchorContradicted (position 13)." in report.lines()
    told: dict[str, Any] = json.loads(report.as_json())
    assert told["alarms"] == {"LogAnchorContradicted": [13], "ClockCorrected": [], "RestoreAccepted": []}
    assert told["contradicted_anchors"] == [12]


def test_a_tree_tells_every_root_that_it_had() -> None:
    tree, leaves = Tree(), [bytes([number]) * 32 for number in range(70)]
    for leaf in leaves:
        tree.append(leaf)
    assert [tree.root_at(size) for size in range(71)] == [root(leaves[:size]) for size in range(71)]
    assert tree.root() == root(leaves)
    assert not tree.has(71, verify_export.to_base64(tree.root()))

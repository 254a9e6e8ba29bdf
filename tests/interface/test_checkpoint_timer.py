"""The timer beside the server: it signs when the log has grown, and whatever goes wrong, logins go on."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from application import auditing
from application.log.stored import Clearing
from interface.checkpoint_timer import CheckpointTimer
from interface.composition import Seatledger
from tests.database import attacking, connect
from tests.world import BY, World

PATIENCE = 300
"""Seconds after which a test gives up, however busy the machine is; nothing here is measured."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path).open() as world:
        yield world


def sizes(world: World) -> list[int]:
    return [kept.size for kept in world.audit.checkpoints(world.id)]


def test_it_signs_once_whenever_the_log_has_grown(world: World) -> None:
    timer = CheckpointTimer(world.seatledger)
    for _ in range(3):
        timer.look()
    assert sizes(world) == [3]
    world.add("alice")
    timer.look()
    assert sizes(world) == [3, 4]


def test_it_looks_again_and_again_until_it_is_stopped(world: World) -> None:
    timers = [CheckpointTimer(world.seatledger, interval=0.01) for _ in range(2)]  # as two workers have them
    for timer in timers:
        timer.start()
    deadline = time.monotonic() + PATIENCE
    for size in (3, 4, 5):
        while size not in sizes(world):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        world.add(f"user {size}")
    for timer in timers:
        timer.stop()
        assert not timer.is_alive()
    assert all(timer.daemon for timer in timers)
    assert len(set(sizes(world))) == len(sizes(world))


def test_what_goes_wrong_is_said_once_and_again_only_after_it_went_well(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    key = world.settings.log_key_path
    content = key.read_bytes()
    timer = CheckpointTimer(world.seatledger)
    key.unlink()
    for _ in range(3):
        timer.look()
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert caplog.messages[0].startswith(f"No checkpoint could be taken: The log key cannot be used: {key} is missing")
    key.touch(mode=0o600)
    key.write_bytes(content)
    timer.look()
    assert sizes(world) == [3]
    key.unlink()
    world.add("alice")
    timer.look()
    assert len(caplog.records) == 2
    assert world.view.in_use == 2


@pytest.mark.sqlite_alone("its file")
def test_p5_it_clears_the_files_that_a_reader_kept_an_erasure_from_clearing(world: World) -> None:
    timer, beside = CheckpointTimer(world.seatledger), world.path.with_name(f"{world.path.name}-wal")
    timer.clear()
    world.add("alice")
    ((key,),) = world.sql("SELECT key FROM person_keys WHERE account_id = ?", world.view.account_id("alice"))
    world.do("delete_user", "alice")
    with closing(connect(world.path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM person_keys").fetchone()
        assert world.licensing.erasing.user(world.id, "alice", by=BY).clearing is Clearing.HELD_UP
        timer.clear()
        assert key in beside.read_bytes()
    world.add(*(f"user {number}" for number in range(5)))
    assert key in beside.read_bytes(), "what is recorded afterwards clears nothing"
    timer.clear()
    assert beside.read_bytes() == b""
    assert key not in world.path.read_bytes()
    world.add("bob")
    timer.clear()
    assert beside.read_bytes() != b"", "without an erasure there is nothing to clear"


def test_p5_a_server_on_another_machine_keeps_who_was_erased_here(world: World, tmp_path: Path) -> None:
    """Its list may be the only one that is left when a backup comes back."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "name-pepper").write_bytes(world.seatledger.pepper.key(making=True).hex().encode())
    with closing(world.wire(replace(world.settings, secret_key_file=elsewhere / "secret.key"))) as other:
        timer = CheckpointTimer(other)
        world.add("alice")
        alice = world.view.account_id("alice")
        world.do("delete_user", "alice")
        timer.clear()
        assert not (elsewhere / "erased-people").exists()
        world.licensing.erasing.user(world.id, "alice", by=BY)
        timer.clear()
    assert (elsewhere / "erased-people").read_text() == f"{alice}\n"


@pytest.mark.sqlite_alone("its file")
def test_a_database_that_is_gone_does_not_end_it(world: World, caplog: pytest.LogCaptureFixture) -> None:
    timer = CheckpointTimer(world.seatledger)
    timer.look()
    path = world.path
    for beside in path.parent.glob(f"{path.name}*"):
        beside.write_bytes(b"nonsense" * 1000)
    timer.look()
    assert len(caplog.records) == 1


@pytest.fixture
def seatledger(world: World) -> Seatledger:
    return world.seatledger


def test_the_whole_log_is_looked_at_in_slices(seatledger: Seatledger) -> None:
    id_ = seatledger.installation_id
    for number in range(5):
        seatledger.licensing.add_user(id_, f"user {number}", by=BY)
    pauses: list[None] = []
    assert seatledger.audit.examine(id_, pause=lambda: pauses.append(None), slice_=2) == 8
    assert len(pauses) == 6  # after the signatures, after each of four slices, and after the one that is empty


def test_a_checkpoint_gives_way_while_it_joins_what_was_signed_before(
    seatledger: Seatledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_, pauses = seatledger.installation_id, list[None]()
    for number in range(5):
        seatledger.licensing.add_user(id_, f"user {number}", by=BY)
    seatledger.audit.take_checkpoint(id_)
    seatledger.licensing.add_user(id_, "one more", by=BY)
    monkeypatch.setattr(auditing, "LEAVES", 3)
    note = seatledger.audit.take_checkpoint(id_, whole=False, pause=lambda: pauses.append(None))
    assert len(pauses) == 3  # after each slice of the eight events that were signed
    assert note == seatledger.audit.take_checkpoint(id_)


@pytest.mark.sqlite_alone("its file")
@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE stored_events SET state = replace(state, 'true', 'false') WHERE originator_version = 3", "not match"),
        ("DELETE FROM stored_events WHERE originator_version = 5", "the event at position 5 is missing"),
        ("DELETE FROM merkle_leaves WHERE position = 5", "the leaf at position 5 is missing"),
        ("DELETE FROM stored_events WHERE originator_version = 2", "the event at position 2 is missing"),
        ("UPDATE checkpoints SET note = upper(note)", "is damaged"),
    ],
)
def test_what_contradicts_the_log_is_found_though_nothing_grew(
    seatledger: Seatledger, statement: str, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An old event is looked at again, and not only what was added since the last checkpoint."""
    id_ = seatledger.installation_id
    seatledger.licensing.add_user(id_, "alice", by=BY)
    timer = CheckpointTimer(seatledger)
    timer.look()
    seatledger.licensing.add_user(id_, "bob", by=BY)
    with attacking(seatledger.log.place) as connection:
        connection.execute(statement)
    timer.examine()
    timer.examine()
    (alarm,) = seatledger.audit.alarms(id_)
    assert problem in alarm.message
    assert len(caplog.records) == 1
    assert "history_altered" in [finding.code for finding in seatledger.self_checks.findings(id_)]


@pytest.mark.sqlite_alone("its file")
def test_it_looks_at_the_whole_log_at_its_start(seatledger: Seatledger) -> None:
    id_ = seatledger.installation_id
    CheckpointTimer(seatledger).look()
    with attacking(seatledger.log.place) as connection:
        connection.execute("UPDATE stored_events SET state = state || ' ' WHERE originator_version = 1")
    timer = CheckpointTimer(seatledger)
    timer.start()
    deadline = time.monotonic() + PATIENCE
    while not seatledger.audit.alarms(id_):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    timer.stop()


@pytest.mark.sqlite_alone("its file")
def test_what_is_new_is_logged_once_and_a_loss_is_kept_for_auditors(
    seatledger: Seatledger, caplog: pytest.LogCaptureFixture
) -> None:
    id_ = seatledger.installation_id
    timer = CheckpointTimer(seatledger)
    timer.check()  # what `serve` has said already: there is no keyring
    assert caplog.records == []
    seatledger.licensing.now(id_)
    with attacking(seatledger.log.place) as connection:
        connection.execute("DELETE FROM stored_events WHERE originator_version = 3")
        connection.execute("DELETE FROM merkle_leaves WHERE position = 3")
    for _ in range(3):
        timer.check()
    said = [message for message in caplog.messages if "store_went_back" in message]
    assert len(said) == 1
    (alarm,) = seatledger.audit.alarms(id_)
    assert (alarm.position, "event 3 was gone" in alarm.message) == (3, True)

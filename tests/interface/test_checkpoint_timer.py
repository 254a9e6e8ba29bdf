"""The timer beside the server: it signs when the log has grown, and whatever goes wrong, logins go on."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from interface.checkpoint_timer import CheckpointTimer
from tests.world import World

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
    assert sizes(world) == [2]
    world.add("alice")
    timer.look()
    assert sizes(world) == [2, 3]


def test_it_looks_again_and_again_until_it_is_stopped(world: World) -> None:
    timers = [CheckpointTimer(world.seatledger, interval=0.01) for _ in range(2)]  # as two workers have them
    for timer in timers:
        timer.start()
    deadline = time.monotonic() + PATIENCE
    for size in (2, 3, 4):
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
    assert sizes(world) == [2]
    key.unlink()
    world.add("alice")
    timer.look()
    assert len(caplog.records) == 2
    assert world.view.in_use == 2


def test_a_database_that_is_gone_does_not_end_it(world: World, caplog: pytest.LogCaptureFixture) -> None:
    timer = CheckpointTimer(world.seatledger)
    timer.look()
    path = world.path
    for beside in path.parent.glob(f"{path.name}*"):
        beside.write_bytes(b"nonsense" * 1000)
    timer.look()
    assert len(caplog.records) == 1

"""Replaying an export: the state at every position, and events that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from application.log.mapper import AllowedTopicsMapper
from application.proof.verify_export import Finding, StoredEvent, read_export
from application.views.replay import BATCH, Replay, Tally, state_of
from tests.application.audited import export_of, live_a_life
from tests.proof_examples import INSTALLATION, a_log
from tests.world import World


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("replay")).open() as made:
        live_a_life(made)
        yield made


def a_replay() -> Replay:
    return Replay(AllowedTopicsMapper())


def exported_events(one: World, directory: Path) -> list[StoredEvent]:
    path = directory / "export"
    path.write_bytes(export_of(one)[0])
    with path.open("rb") as stream:
        return [record for record in read_export(stream) if isinstance(record, StoredEvent)]


def test_the_state_at_every_position_is_that_of_the_use_cases(one: World, tmp_path: Path) -> None:
    replay = a_replay()
    for event in exported_events(one, tmp_path):
        replay.event(*event[:4])
        assert replay.state() == state_of(one.licensing.at(one.id, event.position).view)


def test_before_the_first_event_there_is_no_state() -> None:
    assert a_replay().state() is None


def test_what_the_export_counts_is_what_the_replay_gives_at_every_position(one: World, tmp_path: Path) -> None:
    tally = Tally()
    assert tally.state() == {}
    for event in exported_events(one, tmp_path):
        tally.event(event.position, event.topic, event.state)
        assert tally.state() == state_of(one.licensing.at(one.id, event.position).view)


def test_a_log_with_somebody_added_twice_and_counted_once_differs(one: World) -> None:
    """The replay goes another way than the count: an event that contradicts those before it does not go unseen."""
    tally, replay = Tally(), a_replay()
    opening, _, added = a_log(3, registrations=())
    for position, (topic, state) in enumerate((opening, added, added), 1):
        tally.event(position, topic, state)
        replay.event(position, one.id, topic, state)
    assert replay.state() != tally.state()


def test_events_beyond_a_step_are_replayed_as_well() -> None:
    replay = a_replay()
    for position, (topic, state) in enumerate(a_log(2 * BATCH + 1, registrations=()), 1):
        replay.event(position, INSTALLATION.hex, topic, state)
    state = replay.state()
    assert state is not None
    assert (state["position"], state["in_use"]) == (2 * BATCH + 1, 2 * BATCH - 1)


@pytest.mark.parametrize(
    ("topic", "state"),
    [
        ("os:system", b"{}"),
        ("seatledger:Installation", b"{}"),
        ("seatledger:UserAdded", b"{}"),
        ("seatledger:UserAdded", b"[]"),
        ("seatledger:UserAdded", b"\xff"),
        ("seatledger:UserDeleted", a_log(2, registrations=())[1][1]),
        ("seatledger:UserDeleted", a_log(3, registrations=())[2][1]),  # deletes somebody who was never added
        ("seatledger:InstallationOpened", a_log(1)[0][1]),
        ("seatledger:LicenseRegistered", a_log(2, registrations=())[1][1]),
    ],
)
def test_an_event_that_cannot_be_replayed_is_named_wherever_it_stands_in_a_step(topic: str, state: bytes) -> None:
    replay = a_replay()
    opening, _, added, another = a_log(4, registrations=())

    def go_through() -> None:
        for position, event in enumerate((opening, another, (topic, state), added), 1):
            replay.event(position, INSTALLATION, *event)
        replay.state()

    with pytest.raises(Finding) as found:
        go_through()
    assert (found.value.code, found.value.position) == ("cannot_be_replayed", 3)


def test_of_two_that_cannot_be_replayed_the_first_is_named() -> None:
    replay = a_replay()
    log = a_log(3, registrations=())
    replay.event(1, INSTALLATION, *log[0])
    replay.event(2, INSTALLATION, "seatledger:UserDeleted", log[1][1])
    with pytest.raises(Finding) as found:
        replay.event(3, INSTALLATION, "seatledger:UserAdded", b"nonsense")
    assert found.value.position == 2


def test_a_gap_is_named() -> None:
    replay = a_replay()
    log = a_log(3, registrations=())
    replay.event(1, INSTALLATION, *log[0])
    replay.event(3, INSTALLATION, *log[2])
    with pytest.raises(Finding, match="events are missing"):
        replay.state()


def test_a_license_with_an_impossible_day_is_named() -> None:
    opening, *_, (topic, state) = a_log(4)
    replay = a_replay()
    replay.event(1, INSTALLATION, *opening)
    replay.event(2, INSTALLATION, topic, state.replace(b"2027-03-31", b"2027-03-32"))
    with pytest.raises(Finding) as found:
        replay.state()
    assert found.value.position == 2

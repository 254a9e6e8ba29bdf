"""Replaying an export: the state at every position, and events that cannot be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from application.audit.replay import BATCH, Replay, state_of
from application.audit.verify_export import Finding, StoredEvent, read_export
from application.recorders.topics import AllowedTopicsMapper
from tests.application.audit.audited import Audited, audited, live_a_life
from tests.audit_examples import INSTALLATION, a_log


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    with audited(tmp_path_factory.mktemp("replay") / "log.sqlite") as made:
        live_a_life(made)
        yield made


def a_replay() -> Replay:
    return Replay(AllowedTopicsMapper.plain())


def exported_events(one: Audited, directory: Path) -> list[StoredEvent]:
    path = directory / "export"
    path.write_bytes(one.exported()[0])
    with path.open("rb") as stream:
        return [record for record in read_export(stream) if isinstance(record, StoredEvent)]


def test_the_state_at_every_position_is_that_of_the_use_cases(one: Audited, tmp_path: Path) -> None:
    replay = a_replay()
    for event in exported_events(one, tmp_path):
        replay.event(*event[:4])
        assert replay.state() == state_of(one.licensing.entitlement_at(one.id, event.position))


def test_before_the_first_event_there_is_no_state() -> None:
    assert a_replay().state() is None


ABOUT_USERS = {"UserAdded", "UserDeleted", "UserRestored", "AdministratorGranted", "AdministratorRevoked"}


def test_the_users_digest_changes_with_every_event_about_users_and_with_no_other(one: Audited) -> None:
    digests = [state_of(one.licensing.entitlement_at(one.id, at))["users"] for at in range(1, one.size() + 1)]
    changed = {entry.position for entry in one.licensing.history(one.id) if entry.event in ABOUT_USERS}
    assert {at for at in range(2, one.size() + 1) if digests[at - 1] != digests[at - 2]} == changed


def test_the_users_digest_is_made_as_the_specification_says(one: Audited) -> None:
    users = one.licensing.entitlement(one.id).users
    lines = [
        json.dumps(
            [key, users[key].login_name, users[key].administrator_since, users[key].is_deleted],
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for key in sorted(users)
    ]
    digest = hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
    assert state_of(one.licensing.entitlement(one.id))["users"] == digest


def test_events_beyond_a_step_are_replayed_as_well() -> None:
    replay = a_replay()
    for position, (topic, state) in enumerate(a_log(2 * BATCH + 1, registrations=()), 1):
        replay.event(position, INSTALLATION.hex, topic, state)
    state = replay.state()
    assert state is not None
    assert (state["position"], state["in_use"]) == (2 * BATCH + 1, 2 * BATCH)


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
    opening, (topic, state) = a_log(2)
    replay = a_replay()
    replay.event(1, INSTALLATION, *opening)
    replay.event(2, INSTALLATION, topic, state.replace(b"2027-03-31", b"2027-03-32"))
    with pytest.raises(Finding) as found:
        replay.state()
    assert found.value.position == 2

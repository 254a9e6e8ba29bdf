"""A snapshot spares a process the fold of a long log; whatever about it does not fit, the log is folded (ADR 49)."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from application import snapshots
from application.credentials.tables import create_tables
from application.files import new_private
from application.log.failures import LogUnreadable
from application.log.stored import StoredSnapshot
from application.snapshots import LEAST, ViewSnapshots
from application.views.fold_version import fold_version
from tests.world import BY, World


@pytest.fixture(autouse=True)
def few_events_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "LEAST", 5)


@pytest.fixture
def keyed(house: World) -> World:
    """The house whose secret key is named, with some users."""
    give_secret(house)
    house.register(licenses=3)
    house.add("Ann", "ben", "carol", "dan")
    house.do("delete_user", "ben")
    house.do("rename_user", "carol", "Carla")
    return house


def give_secret(world: World) -> None:
    path = world.directory / "secret.key"
    path.write_bytes(os.urandom(32))
    world.close()
    world.settings = replace(world.settings, secret_key_file=path)


def stored(world: World) -> StoredSnapshot | None:
    return world.settings.log.snapshots().read(world.id)


def take(world: World) -> StoredSnapshot:
    assert world.licensing.views.take_snapshot(world.id)
    snapshot = stored(world)
    assert snapshot is not None
    return snapshot


def spoil_the_past(world: World) -> None:
    """Let nobody read the events of users any more, but those of the newest one."""
    with world.attacker() as attacker:
        attacker.execute(
            "UPDATE stored_events SET topic = 'seatledger:Spoiled' "
            "WHERE topic = 'seatledger:UserAdded' AND originator_version < ?",
            [world.size()],
        )


def test_a_fresh_process_goes_on_from_the_snapshot_and_folds_what_came_since(keyed: World) -> None:
    take(keyed)
    keyed.add("eve")
    view = keyed.view
    spoil_the_past(keyed)
    fresh = keyed.another_process()
    assert fresh.view == view
    fresh.add("fay")
    assert fresh.check("fay") == keyed.check("fay")
    assert fresh.view == keyed.view


def test_without_the_secret_key_there_is_none(keyed: World) -> None:
    take(keyed)
    keyed.close()
    keyed.settings = replace(keyed.settings, secret_key_file=None)
    assert not keyed.licensing.views.take_snapshot(keyed.id)
    spoil_the_past(keyed)
    with pytest.raises(LogUnreadable):
        assert keyed.view


def test_what_was_answered_then_is_read_from_the_log_alone(keyed: World) -> None:
    take(keyed)
    fresh = keyed.another_process()
    positions = range(1, keyed.size() + 1)
    assert [fresh.licensing.at(fresh.id, each).view for each in positions] == [
        keyed.licensing.at(keyed.id, each).view for each in positions
    ]
    spoil_the_past(keyed)
    fresh = keyed.another_process()
    assert fresh.view == keyed.view
    with pytest.raises(LogUnreadable):
        fresh.licensing.at(fresh.id, keyed.size() - 1)


def with_other_body(snapshot: StoredSnapshot) -> StoredSnapshot:
    return snapshot._replace(body=snapshot.body[:-1] + bytes([snapshot.body[-1] ^ 1]))


UNFIT: dict[str, Callable[[StoredSnapshot], StoredSnapshot]] = {
    "another program's": lambda one: one._replace(fold_version=bytes(32)),
    "another leaf": lambda one: one._replace(leaf=bytes(32)),
    "an earlier position": lambda one: one._replace(position=one.position - 1),
    "a position that is not there": lambda one: one._replace(position=one.position + 9),
    "a position beyond all": lambda one: one._replace(position=2**62),
    "an altered body": with_other_body,
    "no body": lambda one: one._replace(body=b""),
}


@pytest.mark.parametrize("change", UNFIT.values(), ids=UNFIT)
def test_one_that_does_not_fit_is_said_once_and_ignored_and_made_anew(
    keyed: World, caplog: pytest.LogCaptureFixture, change: Callable[[StoredSnapshot], StoredSnapshot]
) -> None:
    right = take(keyed)
    with keyed.attacker() as attacker:
        attacker.execute("DELETE FROM view_snapshots")
    assert keyed.settings.log.snapshots().keep(keyed.id, change(right))
    fresh = keyed.another_process()
    with caplog.at_level(logging.WARNING, "seatledger.snapshots"):
        assert fresh.view == keyed.view
        fresh.add("eve")
        assert fresh.view == keyed.view
    assert [record.message[:40] for record in caplog.records] == ["The snapshot of the view is not used, an"]
    made = take(fresh)
    assert (made.position, made.fold_version) == (keyed.size(), fold_version())


def test_with_another_secret_key_it_is_ignored(keyed: World, caplog: pytest.LogCaptureFixture) -> None:
    take(keyed)
    give_secret(keyed)
    assert keyed.view.in_use == 4
    assert "it was altered, or made with another secret key" in caplog.text


def test_one_whose_event_was_altered_since_is_ignored(keyed: World, caplog: pytest.LogCaptureFixture) -> None:
    position = take(keyed).position
    keyed.add("eve")
    with keyed.attacker() as attacker:
        attacker.execute("UPDATE stored_events SET state = ? WHERE originator_version = ?", [b"{}", position])
    with pytest.raises(LogUnreadable):
        assert keyed.another_process().view
    assert "its event is another one in the history" in caplog.text


def test_it_holds_no_name_that_can_be_read(keyed: World) -> None:
    body = take(keyed).body
    assert not any(name in body for name in (b"Ann", b"carol", b"user"))


def test_an_erasure_takes_it_away_and_an_older_one_never_comes_back(keyed: World) -> None:
    take(keyed)
    before = keyed.licensing._newest_of(keyed.id).stopped()
    other = keyed.another_process()
    other.licensing.erasing.user(other.id, "ben", by=BY)
    assert stored(keyed) is None
    views = keyed.licensing.views
    assert views.snapshots is not None
    assert not views.snapshots.take(keyed.id, before)
    assert stored(keyed) is None
    take(keyed)
    fresh = keyed.another_process()
    spoil_the_past(keyed)
    assert fresh.view == keyed.view
    assert fresh.view.account_id("ben") is None


def test_another_event_lets_it_stay(keyed: World) -> None:
    taken = take(keyed)
    keyed.add("eve")
    assert stored(keyed) == taken


def test_compared_with_the_log_it_stays_if_it_says_the_same(keyed: World) -> None:
    assert keyed.licensing.views.compare_snapshot(keyed.id, lambda: None), "there is none"
    taken = take(keyed)
    keyed.add("eve")
    pauses: list[int] = []
    assert keyed.licensing.views.compare_snapshot(keyed.id, lambda: pauses.append(1))
    assert pauses
    assert stored(keyed) == taken


def test_one_that_says_something_else_than_the_log_is_deleted_and_told(
    keyed: World, caplog: pytest.LogCaptureFixture
) -> None:
    """As a process would take that was led astray by what is no longer there."""
    folding = keyed.licensing._newest_of(keyed.id).stopped()
    assert folding.view is not None
    ann = folding.view.users[str(folding.view.account_id("ann"))]
    changed = replace(folding.view, users=folding.view.users.insert(ann.user_id, ann._replace(is_deleted=True)))
    folding.view = changed
    views = keyed.licensing.views
    assert views.snapshots is not None
    assert views.snapshots.take(keyed.id, folding)
    assert not keyed.licensing.views.compare_snapshot(keyed.id, lambda: None)
    assert "said something else than the history (users), and is deleted" in caplog.text
    assert stored(keyed) is None


def test_one_is_due_when_it_spares_enough(keyed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "LEAST", LEAST)
    table = keyed.settings.log.snapshots()
    views = ViewSnapshots(table, bytes(32))

    def are_due(*positions: int) -> list[bool]:
        return [views.is_due(keyed.id, position) for position in positions]

    assert are_due(LEAST - 1, LEAST) == [False, True]
    for position, next_ones in ((LEAST, (2 * LEAST - 1, 2 * LEAST)), (1_000_000, (1_049_999, 1_050_000))):
        table.drop(keyed.id)
        table.keep(keyed.id, StoredSnapshot(position, fold_version(), b"", b""))
        assert are_due(*next_ones) == [False, True]
    table.drop(keyed.id)
    table.keep(keyed.id, StoredSnapshot(LEAST, b"of another version", b"", b""))
    assert are_due(LEAST) == [True]


def test_a_backup_leaves_it_out(keyed: World, tmp_path: Path) -> None:
    take(keyed)
    new_private(tmp_path / "backup")
    copy = keyed.settings.log.back_up(tmp_path / "backup", {}, create_tables)
    assert copy.installation_ids() == [keyed.id]
    assert copy.snapshots().newest(keyed.id) is None


@pytest.mark.sqlite_alone("a server's database is no file to copy")
def test_of_a_copy_of_the_file_none_is_taken_in(keyed: World) -> None:
    take(keyed)
    with keyed.settings.log.taking_in(keyed.path) as taken:
        assert taken.log.installation_ids() == [keyed.id]
        assert taken.log.snapshots().newest(keyed.id) is None

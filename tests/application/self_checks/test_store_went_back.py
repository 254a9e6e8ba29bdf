"""S-9: a store that goes back under a running server is noticed at the next question, and answered from as it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from application.log.failures import NoInstallation
from tests.database import Session, alter_state, put_in
from tests.world import World


@pytest.fixture
def one(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path).open() as installation:
        installation.register(licenses=4)
        installation.add("alice", "bob")
        yield installation


def remove_after(connection: Session, position: int, *, leaves: bool = True) -> None:
    connection.execute("DELETE FROM stored_events WHERE originator_version > ?", (position,))
    if leaves:
        connection.execute("DELETE FROM merkle_leaves WHERE position > ?", (position,))


@pytest.mark.parametrize("leaves", [True, False])
def test_rows_that_were_removed(one: World, leaves: bool, caplog: pytest.LogCaptureFixture) -> None:
    known = one.licensing.now(one.id).position
    with one.attacker() as connection:
        remove_after(connection, known - 1, leaves=leaves)
    now = one.licensing.now(one.id)
    assert (now.position, now.user("bob")) == (known - 1, None)
    loss = one.licensing.views.loss(one.id)
    assert loss is not None
    assert (loss.position, loss.is_altered, loss.noticed_at) == (known, False, one.clock())
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_rows_that_were_removed_and_others_put_in_their_place(one: World) -> None:
    copy = one.copy_to(one.directory / "backup")
    one.add("carol")
    known = one.licensing.now(one.id).position
    with copy as other:
        other.add("mallory")
        with one.attacker() as connection:
            remove_after(connection, known - 1)
            for table, place in (("stored_events", "originator_version"), ("merkle_leaves", "position")):
                put_in(connection, table, other.sql(f"SELECT * FROM {table} WHERE {place} = ?", known))  # noqa: S608
            connection.execute("DELETE FROM person_keys")
            put_in(connection, "person_keys", other.sql("SELECT * FROM person_keys"))
    now = one.licensing.now(one.id)
    assert now.position == known
    assert (now.user("carol"), now.user("mallory") is not None) == (None, True)
    assert one.licensing.views.loss(one.id) is not None


@pytest.mark.sqlite_alone("its file")
def test_a_file_that_was_replaced(one: World) -> None:
    copy = one.copy_to(one.directory / "backup")
    copy.close()
    one.add("carol")
    assert one.check("carol") == ("admit", "ok")
    for added in ("-wal", "-shm"):
        one.path.with_name(one.path.name + added).unlink(missing_ok=True)
    copy.path.replace(one.path)
    assert one.licensing.now(one.id).user("carol") is None
    assert one.licensing.views.loss(one.id) is not None
    one.add("dora")
    assert one.check("dora") == ("admit", "ok")
    assert one.size() == one.licensing.now(one.id).position


def test_nothing_is_recorded_on_top_of_what_is_gone(one: World) -> None:
    known = one.licensing.now(one.id).position
    with one.attacker() as connection:
        remove_after(connection, known - 2)
    one.licensing.now(one.id)
    one.add("alice")
    assert one.size() == known - 1
    assert one.licensing.now(one.id).user("alice") is not None


@pytest.mark.sqlite_alone("its file; of servers that are away, tests/faults")
def test_a_file_that_is_gone_for_a_moment_is_waited_for(one: World) -> None:
    assert one.check("alice") == ("admit", "ok")
    aside = one.path.with_name("aside")
    shutil.move(one.path, aside)
    assert one.check("alice") == ("admit", "ok")
    shutil.move(aside, one.path)
    assert one.check("alice") == ("admit", "ok")
    assert one.licensing.views.loss(one.id) is None


def test_an_event_altered_in_its_place_is_told_and_not_answered_from(one: World) -> None:
    known = one.licensing.now(one.id).position
    with one.attacker() as connection:
        alter_state(connection, known, b":false", b":true")
    assert one.check("bob") == ("admit", "ok")
    loss = one.licensing.views.loss(one.id)
    assert loss is not None
    assert loss.is_altered


def test_an_event_that_was_put_behind_without_a_leaf(one: World) -> None:
    """It is read as it would be after a restart; audits find it."""
    known = one.licensing.now(one.id).position
    with one.copy_to(one.directory / "backup") as other, one.attacker() as attacker:
        other.add("mallory")
        put_in(attacker, "stored_events", other.sql("SELECT * FROM stored_events WHERE originator_version > ?", known))
        attacker.execute("DELETE FROM person_keys")
        put_in(attacker, "person_keys", other.sql("SELECT * FROM person_keys"))
    assert one.licensing.now(one.id).position == known + 1


def test_an_emptied_database_is_no_installation(one: World) -> None:
    one.licensing.now(one.id)
    with one.attacker() as connection:
        remove_after(connection, 0)
    with pytest.raises(NoInstallation):
        one.licensing.now(one.id)


def test_a_log_that_only_grows_raises_nothing(one: World) -> None:
    with one.another_process() as other:
        for number in range(5):
            other.add(f"user {number}")
            assert one.licensing.now(one.id).user(f"user {number}") is not None
    assert one.licensing.views.loss(one.id) is None

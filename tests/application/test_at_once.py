"""What is answered without waiting is never older than what is answered with a look at the log."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from shutil import copy
from time import perf_counter

import pytest

from application.views.day_view import DayView
from tests.database import back_up, connected
from tests.world import World

WRITE = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
"""Another process that wants to write, and does not wait for it."""


def at_once(house: World) -> DayView | None:
    return house.licensing.at_once(house.id, perf_counter())


def test_whatever_another_process_has_recorded_is_looked_at(house: World) -> None:
    """On SQLite most questions are answered at once, on a server none that wants the newest."""
    licensing, other = house.licensing, house.another_process()
    answers = []
    for number in range(20):
        newest = licensing.now(house.id)
        answers += [at_once(house), at_once(house)]
        assert all(answer is None or answer.view is newest.view for answer in answers[-2:])
        other.add(f"user{number}")
        assert at_once(house) is None
    assert any(answers) == house.settings.database.startswith("sqlite")


def test_a_look_that_is_fresh_enough_needs_nobody(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    newest, other = house.licensing.now(house.id), house.another_process()
    monkeypatch.setattr(house.licensing, "max_age", 3600.0)
    other.add("ann")
    view = at_once(house)
    assert view is not None
    assert view.view is newest.view
    house.add("bob")
    assert at_once(house) is None, "what this very process has recorded is seen"


def test_nothing_is_told_before_anything_is_known(house: World) -> None:
    assert house.another_process().licensing.at_once(house.id, perf_counter()) is None


def test_the_day_goes_on_and_back_without_a_look(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.licensing, "max_age", 3600.0)
    first = house.licensing.now(house.id).day
    for days in (1, 1, -1):
        house.clock.go_on(days=days)
        today = at_once(house)
        assert today is not None
        assert (today.day - first).days == (house.clock().date() - first).days
        assert today == house.licensing.now(house.id)
        assert today is at_once(house)


@pytest.mark.sqlite_alone("its WAL index")
def test_nothing_that_is_committed_escapes_the_wal_index(house: World) -> None:
    """Every commit is seen, whatever it wrote and after whichever checkpoint; a rolled back one need not be."""
    with connected(house.path) as other:
        other.execute("CREATE TABLE anything (number INTEGER)")
        for number in range(50):
            house.licensing.now(house.id)
            at_once(house)
            house.licensing.now(house.id)
            assert at_once(house) is not None
            other.execute("INSERT INTO anything VALUES (?)", (number,))
            assert at_once(house) is None
            if number % 10 == 0:
                other.execute(f"PRAGMA wal_checkpoint({'TRUNCATE' if number % 20 else 'RESTART'})")


@pytest.mark.sqlite_alone("its locks are its process's")
def test_looking_at_the_wal_index_lets_go_of_no_lock(house: World) -> None:
    """Whoever closes a file lets go of all locks that his process has on it, also of those that SQLite has."""
    for _ in range(3):
        house.licensing.now(house.id)
        at_once(house)
    with connected(house.path) as writer:
        writer.execute("BEGIN IMMEDIATE")
        other = house.another_process().licensing
        for _ in range(3):
            other.now(house.id)
            other.at_once(house.id, perf_counter())
        other.views.close()
        wants = subprocess.run([sys.executable, "-c", WRITE, house.path], capture_output=True, text=True, check=False)
    assert "database is locked" in wants.stderr


@pytest.mark.sqlite_alone("its file")
def test_a_file_in_the_place_of_the_database_is_looked_at(house: World, tmp_path: Path) -> None:
    back_up(house.path, tmp_path / "copy")
    for _ in range(3):
        house.licensing.now(house.id)
        at_once(house)
    assert at_once(house) is not None
    copy(tmp_path / "copy", tmp_path / "other")
    (tmp_path / "other").replace(house.path)
    assert at_once(house) is None

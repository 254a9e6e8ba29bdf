"""The timer beside the server: it takes a snapshot of the view where one pays, and compares it with the history."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from application import snapshots
from application.credentials.tables import create_tables
from interface.composition import Seatledger, compose
from interface.settings import Settings
from interface.snapshot_timer import COMPARED_EVERY, SnapshotTimer

BY = "cli:tester"


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Seatledger]:
    secret = tmp_path / "secret.key"
    secret.write_bytes(os.urandom(32))
    settings = Settings(database=f"sqlite:///{tmp_path / 'seatledger.sqlite'}", secret_key_file=secret)
    settings.log.make(create_tables)
    with closing(compose(settings)) as seatledger:
        seatledger.licensing.open_installation("Example", "timetracker-nx", "UTC", "admin", by=BY)
        yield seatledger


def position(worker: Seatledger) -> int | None:
    there = worker.log.snapshots().newest(worker.installation_id)
    return there[0] if there else None


def test_a_short_log_needs_none(worker: Seatledger) -> None:
    SnapshotTimer(worker).look()
    assert position(worker) is None


def test_it_takes_one_where_it_pays_and_the_next_when_the_log_has_grown(
    worker: Seatledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "LEAST", 3)
    timer, id_ = SnapshotTimer(worker), worker.installation_id
    timer.look()
    assert position(worker) == 3
    for name, expected in (("ann", 3), ("ben", 3), ("carol", 6)):
        worker.licensing.add_user(id_, name, by=BY)
        timer.look()
        assert position(worker) == expected


def test_it_compares_and_tells_the_log_of_a_wrong_one(
    worker: Seatledger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(snapshots, "LEAST", 3)
    timer, id_ = SnapshotTimer(worker, interval=COMPARED_EVERY), worker.installation_id
    timer.look()
    assert position(worker) == 3
    folding = worker.licensing._newest_of(id_).stopped()
    folding.in_use[-1] += 1
    assert worker.licensing.views.snapshots is not None
    worker.licensing.views.snapshots.take(id_, folding)
    with caplog.at_level(logging.ERROR, "seatledger.snapshots"):
        timer.look()
    assert "said something else than the history (in_use), and is deleted" in caplog.text
    assert position(worker) is None


def test_where_nothing_can_be_written_it_says_so_once(
    worker: Seatledger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(snapshots, "LEAST", 3)
    timer = SnapshotTimer(worker)
    with closing(worker.log.tables().raw_connection()) as connection:
        connection.cursor().execute(
            "CREATE TRIGGER full BEFORE INSERT ON view_snapshots BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        connection.commit()
    timer.look()
    timer.look()
    assert [record.message for record in caplog.records] == ["No snapshot of the view could be taken or compared: full"]

"""A snapshot that is written while somebody is erased elsewhere: in no order of the two does the name come back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import psycopg

from application.log.postgres.snapshots import HOLD, held_as
from application.log.stored import StoredSnapshot
from tests.world import BY, World


@contextmanager
def holding(served: World, id_: UUID) -> Iterator[psycopg.Connection[Any]]:  # Any: rows of any columns
    """A transaction of another server's that has its turn."""
    with psycopg.connect(served.settings.database) as connection:
        connection.execute(HOLD, [held_as(id_)])
        yield connection


def until_somebody_waits(served: World, thread: Future[Any]) -> None:
    for _ in range(2000):
        if served.sql("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
            return
        if thread.done():
            break
        Event().wait(0.001)
    raise AssertionError(f"nobody waits: {thread.exception(0)}")


def test_an_erasure_that_comes_after_it_deletes_it(served: World) -> None:
    table, position = served.settings.log.snapshots(), served.size()
    with ThreadPoolExecutor(1) as thread, holding(served, served.id) as other:
        erased = thread.submit(served.licensing.erasing.operator, served.id, BY.removeprefix("cli:"), by=BY)
        until_somebody_waits(served, erased)
        other.execute("INSERT INTO view_snapshots VALUES (%s, %s, '', '', 'a name')", [served.id, position])
        other.commit()
        assert erased.result(20).account_id
    assert table.newest(served.id) is None


def test_one_that_comes_to_its_end_after_an_erasure_is_not_kept(served: World) -> None:
    table, id_ = served.settings.log.snapshots(), uuid4()
    with ThreadPoolExecutor(1) as thread, holding(served, id_) as other:
        is_kept = thread.submit(table.keep, id_, StoredSnapshot(0, b"", b"", b"a name"))
        until_somebody_waits(served, is_kept)
        other.execute("INSERT INTO stored_events VALUES (%s, 1, 'seatledger:PersonErased', '{}')", [id_])
        other.commit()
        assert is_kept.result(20) is False
    assert table.newest(id_) is None

"""P5 on a server: what the files of the database keep of a person's key, and who may clear them of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from application.log.stored import Clearing
from application.words.erasing import left_to_do
from application.words.language import ENGLISH
from tests import postgres
from tests.world import BY

if TYPE_CHECKING:
    from tests.world import World


def key_of(served: World, name: str) -> bytes:
    """The key of somebody new, who has left."""
    served.add(name)
    ((key,),) = served.sql("SELECT key FROM person_keys WHERE account_id = ?", served.view.account_id(name))
    served.do("delete_user", name)
    return bytes(key)


def files_with(place: str, key: bytes) -> list[Path]:
    """The files of the tables in which a key stands, when everything is written."""
    with postgres.connected(place) as session:
        session.execute("CHECKPOINT")
        (oid,) = session.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone() or (0,)
    directory = postgres.server().pgdata / "base" / str(oid)
    return [path for path in directory.iterdir() if key in path.read_bytes()]


def test_the_tables_keep_nothing_and_the_write_ahead_log_does_for_a_while(served: World, place: str) -> None:
    """As docs/postgresql.md says: the owner of the machine must know of it."""
    key = key_of(served, "alice")
    assert files_with(place, key)
    assert served.licensing.erasing.user(served.id, "alice", by=BY).clearing is Clearing.CLEAR
    assert files_with(place, key) == []
    assert any(key in path.read_bytes() for path in (postgres.server().pgdata / "pg_wal").iterdir() if path.is_file())


def test_whoever_reads_what_was_there_before_holds_it_up(served: World, place: str) -> None:
    key = key_of(served, "bob")
    with psycopg.connect(postgres.url(place, postgres.OWNER)) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT FROM stored_events LIMIT 1")
        erased = served.licensing.erasing.user(served.id, "bob", by=BY)
        assert erased.clearing is Clearing.HELD_UP
        assert files_with(place, key)
    served.licensing.erasing.clear(served.id)
    assert files_with(place, key) == []


@pytest.fixture
def without_right(place: str) -> None:
    """A server before 17 knows no right to vacuum."""
    with postgres.connected(place) as session:
        session.execute(f"REVOKE MAINTAIN ON person_keys FROM {postgres.PROGRAM}")


@pytest.mark.usefixtures("without_right")
def test_where_the_owner_alone_may_do_it_that_is_said(served: World, place: str) -> None:
    key = key_of(served, "carol")
    erased = served.licensing.erasing.user(served.id, "carol", by=BY)
    assert erased.clearing is Clearing.OWNER_ALONE
    (warned,) = left_to_do(erased, ENGLISH)
    assert warned.code == "erasure_left_to_owner"
    assert files_with(place, key)
    with psycopg.connect(postgres.url(place, postgres.OWNER), autocommit=True) as owner:
        owner.execute("VACUUM FULL person_keys, view_snapshots")
    assert files_with(place, key) == []

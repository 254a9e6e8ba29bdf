"""How much of a table is read for some rows of it: right after an import, the server knows nothing of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import islice

import pytest

from application.log.postgres.reader import PostgresReader
from tests.world import World

EVENTS = 60_000
"""With fewer, the server's planner does well without knowing anything."""

ENOUGH = 600
"""Far more than a page takes, and far less than all."""


@pytest.fixture(scope="module")
def imported(served: World) -> World:
    """As many rows as an import writes, put in at once: nobody reads what they say."""
    with served.attacker() as connection:
        for statement in (
            "INSERT INTO stored_events SELECT ?, n, 'seatledger:UserAdded', convert_to(repeat('x', 400), 'UTF8') ",
            "INSERT INTO merkle_leaves SELECT ?, n, sha256(int4send(n)) ",
        ):
            connection.execute(f"{statement} FROM generate_series(100, {EVENTS}) AS n", (served.id,))
    return served


@pytest.fixture
def reader(imported: World) -> Iterator[PostgresReader]:
    reader = imported.settings.log.reader()
    assert isinstance(reader, PostgresReader)
    with closing(reader):
        yield reader


def rows_read(reader: PostgresReader) -> int:
    """How many rows were found by indexes or by reading tables so far, as the server counts them."""
    with reader._line.open() as connection:
        connection.execute("SELECT pg_stat_force_next_flush()")
        ((read,),) = connection.execute(
            "SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes) + "
            "(SELECT sum(seq_tup_read) FROM pg_stat_user_tables)"
        ).fetchall()
    return int(read)


@pytest.mark.parametrize("question", ["newest page", "page", "version", "one event", "newest position"])
def test_some_rows_are_found_without_reading_all(imported: World, reader: PostgresReader, question: str) -> None:
    id_ = imported.id
    reader.version(id_)
    before = rows_read(reader)
    match question:
        case "newest page":
            assert len(list(islice(reader.events(id_, newest_first=True), 50))) == 50
        case "page":
            assert len(list(islice(reader.events(id_, after=30_000), 50))) == 50
        case "version":
            reader.version(id_)
        case "one event":
            assert len(reader.at_and_after(id_, 30_000)) == 2
        case _:
            assert reader.newest_position(id_) == EVENTS
    assert rows_read(reader) - before < ENOUGH

"""Whom the server refuses what: the program's role adds to the log and reads it, an auditor's reads, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest

from application.proof.verify_export import leaf
from tests import postgres
from tests.application.postgresql.refusing import LOG_TABLES, NOT_ALLOWED, state_of

if TYPE_CHECKING:
    from tests.world import World

NOT_THE_NEXT, REMOVED, TAKEN = "SL001", "SL002", "23505"

EVENT = "INSERT INTO stored_events SELECT originator_id, {position}, 'x', 'y' FROM stored_events"

NEWEST = "(SELECT max(originator_version) FROM stored_events)"


@pytest.fixture(scope="module")
def program(served: World) -> Iterator[psycopg.Connection]:
    with psycopg.connect(served.settings.database, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("table", LOG_TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TABLE {}",
        "SELECT FROM {} FOR UPDATE",
    ],
    ids=lambda statement: statement.split()[0].lower(),
)
def test_the_program_changes_nothing_in_the_log(program: psycopg.Connection, table: str, statement: str) -> None:
    assert state_of(program, statement.format(table)) == NOT_ALLOWED


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("UPDATE stored_events SET state = ''", NOT_ALLOWED),
        ("UPDATE merkle_leaves SET leaf = ''", NOT_ALLOWED),
        ("UPDATE checkpoints SET note = ''", NOT_ALLOWED),
        ("INSERT INTO merkle_leaves SELECT originator_id, 9, '' FROM merkle_leaves LIMIT 1", NOT_ALLOWED),
        (f"{EVENT.format(position=f'{NEWEST} + 2')} LIMIT 1", NOT_THE_NEXT),
        (f"{EVENT.format(position='2')} LIMIT 1", TAKEN),
        ("INSERT INTO schema_version VALUES (2)", NOT_ALLOWED),
        ("UPDATE person_keys SET key = ''", NOT_ALLOWED),
        ("UPDATE view_snapshots SET body = ''", NOT_ALLOWED),
        ("DROP TRIGGER write_leaf ON stored_events", NOT_ALLOWED),
        ("CREATE OR REPLACE FUNCTION seatledger_refuse() RETURNS trigger LANGUAGE sql AS ''", NOT_ALLOWED),
        ("SET session_replication_role = replica", NOT_ALLOWED),
        ("CREATE TABLE another (x integer)", NOT_ALLOWED),
        ("CREATE TRIGGER another AFTER INSERT ON stored_events EXECUTE FUNCTION seatledger_refuse()", NOT_ALLOWED),
    ],
)
def test_the_program_may_not(program: psycopg.Connection, statement: str, state: str) -> None:
    assert state_of(program, statement) == state


def test_no_table_of_the_programs_own_takes_the_leaves(served: World, program: psycopg.Connection) -> None:
    """A temporary table is looked for before all others, unless the function says where it looks."""
    program.execute("CREATE TEMPORARY TABLE merkle_leaves AS SELECT * FROM public.merkle_leaves WHERE false")
    program.execute(f"{EVENT.format(position=f'{NEWEST} + 1')} WHERE originator_version = 1".encode())
    program.execute("DROP TABLE pg_temp.merkle_leaves")
    ((events, leaves),) = served.sql(
        "SELECT (SELECT count(*) FROM stored_events), (SELECT count(*) FROM merkle_leaves)"
    )
    assert events == leaves


def test_no_event_takes_the_place_of_one_that_was_removed(program: psycopg.Connection, place: str) -> None:
    """Whoever removed it: its leaf is still there."""
    id_ = uuid4()
    program.execute("INSERT INTO stored_events VALUES (%s, 1, 'a', 'b')", [id_])
    with postgres.attacking(place) as session:
        session.execute("DELETE FROM stored_events WHERE originator_id = ?", [id_])
    with pytest.raises(psycopg.Error) as refused:
        program.execute("INSERT INTO stored_events VALUES (%s, 1, 'a', 'c')", [id_])
    assert refused.value.sqlstate == REMOVED


def test_leaves_are_those_that_auditors_work_out(program: psycopg.Connection) -> None:
    """Of every length and letter that a topic and a state can have."""
    id_ = UUID("00ff10f0-0000-4000-8000-00000000abcd")
    topics = ["", "seatledger:UserAdded", "Ä ö ü ß", "🐎", "x" * 300]
    states = [b"", b"\0", b"{}", bytes(range(256)), "Jürgen 🐎".encode(), b"x" * 70_000]
    events = [
        (position, topic, state)
        for position, (topic, state) in enumerate(((topic, state) for topic in topics for state in states), 1)
    ]
    with program.cursor() as cursor:
        cursor.executemany("INSERT INTO stored_events VALUES (%s, %s, %s, %s)", [(id_, *event) for event in events])
    leaves = program.execute("SELECT leaf FROM merkle_leaves WHERE originator_id = %s ORDER BY position", [id_])
    assert [row[0] for row in leaves] == [leaf(id_, *event) for event in events]

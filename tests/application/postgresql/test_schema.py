"""What `doctor` says of a server: whatever its owner did to what keeps the log append-only, and who owns it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from application.log import open_log
from application.log.schema import VERSION
from application.self_checks import of_schema
from tests import postgres

if TYPE_CHECKING:
    from application.log import Log


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with tables and nothing in them."""
    directory: Path = tmp_path_factory.mktemp("schema")
    return postgres.database_of(directory)


@pytest.fixture
def log(place: str) -> Iterator[Log]:
    """Each test's meddling is taken back: what the owner made is made anew."""
    yield open_log(postgres.url(place), postgres.url(place, postgres.OWNER))
    postgres.hang_up(place)


REFUSE = "BEFORE DELETE OR UPDATE OR TRUNCATE ON stored_events FOR EACH STATEMENT EXECUTE FUNCTION seatledger_refuse()"


@pytest.mark.parametrize(
    ("done", "undone", "named"),
    [
        (
            "DROP TRIGGER stored_events_refuse ON stored_events",
            f"CREATE TRIGGER stored_events_refuse {REFUSE}",
            "stored_events_refuse",
        ),
        (
            "ALTER TABLE stored_events DISABLE TRIGGER write_leaf",
            "ALTER TABLE stored_events ENABLE TRIGGER write_leaf",
            "write_leaf",
        ),
        (
            "ALTER TABLE log_keys ENABLE REPLICA TRIGGER log_keys_refuse",
            "ALTER TABLE log_keys ENABLE TRIGGER log_keys_refuse",
            "log_keys_refuse",
        ),
        (
            "CREATE TRIGGER copying AFTER DELETE ON person_keys FOR EACH ROW EXECUTE FUNCTION seatledger_refuse()",
            "DROP TRIGGER copying ON person_keys",
            "copying",
        ),
        (
            (
                "CREATE OR REPLACE FUNCTION seatledger_refuse() RETURNS trigger SET search_path = pg_catalog, pg_temp "
                "LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
            ),
            None,
            "seatledger_refuse",
        ),
        (
            (
                "CREATE OR REPLACE FUNCTION seatledger_leaf(originator uuid, at bigint, topic text, state bytea) "
                "RETURNS bytea LANGUAGE sql IMMUTABLE RETURN state"
            ),
            None,
            "seatledger_leaf",
        ),
        (
            "ALTER FUNCTION seatledger_write_leaf() SECURITY INVOKER",
            "ALTER FUNCTION seatledger_write_leaf() SECURITY DEFINER",
            "seatledger_write_leaf",
        ),
        ("DROP FUNCTION seatledger_leaf", None, "seatledger_leaf"),
        (
            "CREATE POLICY hidden ON stored_events USING (false)",
            "DROP POLICY hidden ON stored_events",
            "hidden",
        ),
        (
            "CREATE MATERIALIZED VIEW copied AS SELECT * FROM person_keys",
            "DROP MATERIALIZED VIEW copied",
            "copied",
        ),
        ("CREATE RULE lost AS ON INSERT TO log_alarms DO INSTEAD NOTHING", "DROP RULE lost ON log_alarms", "lost"),
        ("DROP TABLE erased_names", None, "erased_names"),
        ("DROP TABLE view_snapshots", None, "view_snapshots"),  # as before version 2
    ],
    ids="dropped disabled replica another function leaf invoker no-leaf policy view rule table version-1".split(),  # noqa: SIM905
)
def test_whatever_the_owner_did_is_named(log: Log, place: str, done: str, undone: str | None, named: str) -> None:
    assert log.schema_differences() == []
    with postgres.connected(place) as session:
        session.execute(done)
        try:
            assert log.schema_differences() == [named]
        finally:
            if undone:
                session.execute(undone)
            else:  # `migrate` makes it anew
                log.migrate(lambda _: None)
    assert log.schema_differences() == []
    assert log.schema_version() == VERSION


def program_owns_log(url: str) -> list[object]:  # object: the fact of a finding
    return [finding.facts["role"] for finding in of_schema(open_log(url)) if finding.code == "program_owns_log"]


def test_a_program_that_could_alter_the_history_is_warned_of(place: str) -> None:
    assert program_owns_log(postgres.url(place)) == []
    assert program_owns_log(postgres.url(place, postgres.OWNER)) == [postgres.OWNER]
    assert program_owns_log(postgres.url(place, "postgres")) == ["postgres"]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (f"GRANT {postgres.OWNER} TO {postgres.PROGRAM}", f"REVOKE {postgres.OWNER} FROM {postgres.PROGRAM}"),
        (
            f"GRANT SET ON PARAMETER session_replication_role TO {postgres.PROGRAM}",
            f"REVOKE SET ON PARAMETER session_replication_role FROM {postgres.PROGRAM}",
        ),
    ],
    ids=["member", "triggers off"],
)
def test_so_is_one_that_may_become_the_owner_or_pass_triggers_by(place: str, given: str, taken: str) -> None:
    with postgres.connected(place) as session:
        session.execute(given)
        try:
            assert program_owns_log(postgres.url(place)) == [postgres.PROGRAM]
        finally:
            session.execute(taken)

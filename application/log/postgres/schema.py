"""PostgreSQL: what the owner makes in a database, which rights the program's role gets, and what is other than that."""

from __future__ import annotations

import re
from pathlib import Path

from psycopg import errors, sql

from application.log.postgres.connection import Connection

SQL = (Path(__file__).with_name("schema.sql")).read_text(encoding="utf-8")

APPEND_ONLY_TABLES = ("stored_events", "merkle_leaves", "checkpoints", "log_alarms", "log_keys")

TABLES = (*APPEND_ONLY_TABLES, "person_keys", "erased_names", "view_snapshots", "schema_version")

TRIGGERS = {
    "write_leaf": (
        "CREATE TRIGGER write_leaf AFTER INSERT ON public.stored_events FOR EACH ROW "
        "EXECUTE FUNCTION seatledger_write_leaf()"
    ),
    **{
        f"{table}_refuse": (
            f"CREATE TRIGGER {table}_refuse BEFORE DELETE OR UPDATE OR TRUNCATE ON public.{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION seatledger_refuse()"
        )
        for table in APPEND_ONLY_TABLES
    },
}
"""Every trigger, as the server itself spells it."""

BODIES = {
    name: body.strip() for name, body in re.findall(r"FUNCTION (\w+)\(\).*?AS \$\$(.*?)\$\$;", SQL, flags=re.DOTALL)
}
"""The functions that triggers call, and what they do."""

A_LEAF = "SELECT seatledger_leaf('00ff10f0-0000-4000-8000-00000000abcd', 7, 'ä', '\\x007b7d')"

ITS_BYTES = bytes.fromhex("d769bb97542d6649162ac33ba1476af45fff87b771cca724f55ceb88a35cf6f1")
"""What the function of leaves gives for an event, by which it is known: each version spells its body otherwise."""

OTHERS = """
    SELECT rulename FROM pg_rules WHERE schemaname = 'public'
    UNION SELECT policyname FROM pg_policies WHERE schemaname = 'public'
    UNION SELECT matviewname FROM pg_matviews WHERE schemaname = 'public'
"""
"""What this version never makes: by it, rows are lost, hidden, or copied before an erasure deletes them."""

LOG_RIGHTS = {
    "stored_events": "SELECT, INSERT",
    "merkle_leaves": "SELECT",
    "checkpoints": "SELECT, INSERT",
    "log_alarms": "SELECT, INSERT",
    "log_keys": "SELECT, INSERT",
    "person_keys": "SELECT, INSERT, DELETE",
    "erased_names": "SELECT, INSERT, DELETE",
    "view_snapshots": "SELECT, INSERT, DELETE",
    "schema_version": "SELECT",
}
"""What the program's role may do; with every other table, all that concerns its rows."""

AUDITOR_TABLES = (*APPEND_ONLY_TABLES, "schema_version")
"""What an auditor's role reads: everything but people's keys and credentials, so it learns no name."""

HAS_ITS_OWN = 170000
"""The version from which on a role can be given the right to vacuum a table (MAINTAIN)."""

ONE_AT_A_TIME = 0x5EA71ED6E2
"""The advisory lock under which a schema is changed."""


def make(owner: Connection) -> None:
    """Everything of the log's that is not there yet."""
    owner.execute(SQL.encode())
    present = {name for (name,) in owner.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal").fetchall()}
    for name, statement in TRIGGERS.items():
        if name not in present:
            owner.execute(statement.encode())


def grant(owner: Connection, program: str) -> None:
    """Give the program's role its rights, and no more."""
    role = sql.Identifier(program)
    tables = [name for (name,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    for table in tables:
        rights = LOG_RIGHTS.get(table, "SELECT, INSERT, UPDATE, DELETE")
        statement = "REVOKE ALL ON {table} FROM PUBLIC, {role}; GRANT " + rights + " ON {table} TO {role}"
        owner.execute(sql.SQL(statement).format(table=sql.Identifier(table), role=role))
    owner.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(role))
    if owner.info.server_version >= HAS_ITS_OWN:
        owner.execute(sql.SQL("GRANT MAINTAIN ON person_keys, view_snapshots TO {}").format(role))


def has_role(owner: Connection, name: str) -> bool:
    """Whether the server knows a role."""
    return owner.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone() is not None


def grant_auditor(owner: Connection, auditor: str) -> None:
    """Let a role read the log and what was signed."""
    tables = sql.SQL(", ").join(map(sql.Identifier, AUDITOR_TABLES))
    owner.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(tables, sql.Identifier(auditor)))


def database(connection: Connection) -> tuple[object, ...] | None:  # object: a number and a moment
    """Something by which two connections know whether they lead to the same database."""
    return connection.execute(
        "SELECT oid, pg_postmaster_start_time() FROM pg_database WHERE datname = current_database()"
    ).fetchone()


def mighty_role(connection: Connection) -> str | None:
    """The role of this connection if it is the tables' owner, may become it, or may let no trigger fire."""
    row = connection.execute(
        "SELECT current_user::text FROM pg_class WHERE oid = to_regclass('public.stored_events') AND "
        "(pg_has_role(relowner, 'MEMBER') OR has_parameter_privilege('session_replication_role', 'SET'))"
    ).fetchone()
    return row[0] if row else None


def version(connection: Connection) -> int | None:
    """The schema's version; None where none was made."""
    try:
        row = connection.execute("SELECT max(version) FROM schema_version").fetchone()
    except errors.UndefinedTable:
        return None
    return row[0] if row else None


def set_version(owner: Connection, number: int) -> None:
    owner.execute("DELETE FROM schema_version")
    owner.execute("INSERT INTO schema_version VALUES (%s)", [number])


def differences(connection: Connection) -> list[str]:
    """The tables, triggers and functions that are not there or are others, and what this version never makes."""
    tables = dict(
        connection.execute(
            "SELECT name, to_regclass('public.' || name) IS NOT NULL FROM unnest(%s::text[]) AS name", [list(TABLES)]
        ).fetchall()
    )
    triggers = dict(
        connection.execute(
            "SELECT tgname, CASE tgenabled WHEN 'O' THEN pg_get_triggerdef(pg_trigger.oid) END FROM pg_trigger "
            "JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    )
    bodies = dict(
        connection.execute(
            "SELECT proname, btrim(prosrc, E' \\n') FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
            "AND proconfig = ARRAY['search_path=pg_catalog, pg_temp'] "
            "AND prosecdef = (proname = 'seatledger_write_leaf')"
        ).fetchall()
    )
    strangers = {name for (name,) in connection.execute(OTHERS).fetchall()}
    others = {name for name, is_there in tables.items() if not is_there}
    others |= {name for name, text in TRIGGERS.items() if triggers.get(name) != text}
    others |= {name for name, text in BODIES.items() if bodies.get(name) != text}
    others |= set() if _leaf(connection) == ITS_BYTES else {"seatledger_leaf"}
    return sorted(others | strangers | (triggers.keys() - TRIGGERS.keys()))


def _leaf(connection: Connection) -> object:  # object: whatever it gives in the place of bytes
    try:
        row = connection.execute(A_LEAF.encode(), binary=True).fetchone()
    except errors.DatabaseError:  # it is not there, or fails
        return None
    return row and row[0]

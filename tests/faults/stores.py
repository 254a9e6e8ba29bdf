"""The databases that faults come over: a file of SQLite's, and a server of PostgreSQL's behind a proxy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from application.log.schema import VERSION
from tests.database import connected
from tests.faults.cluster import Cluster, clusters
from tests.faults.proxy import Proxy, proxy_before

DATABASE = "seatledger"


class FileStore:
    """A file of SQLite's."""

    owner = ""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "seatledger.sqlite"
        self.url = f"sqlite:///{self.path}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While another process's write is not over."""
        with connected(self.path) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    def set_schema_version(self, version: int) -> None:
        with connected(self.path) as other:
            other.execute(f"PRAGMA user_version = {version}")


class ServerStore:
    """An empty database of a PostgreSQL server, with its owner's and the program's roles."""

    def __init__(self, cluster: Cluster, proxy: Proxy | None = None, url: str = "") -> None:
        """`url` is the program's, if it is neither the proxy's nor the server's."""
        self.cluster, self.proxy = cluster, proxy
        for role in ("owner", "program"):
            cluster.ask(f"CREATE ROLE {role} LOGIN")
        cluster.ask(f"CREATE DATABASE {DATABASE} OWNER owner")
        self.url = url or cluster.url("program", DATABASE, proxy.port if proxy else None)
        self.owner = cluster.url("owner", DATABASE)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While another's transaction has written the next position and is not over."""
        with psycopg.connect(self.owner) as other:
            other.execute(
                "INSERT INTO stored_events SELECT originator_id, max(originator_version) + 1, 'nobody:Sees', '' "
                "FROM stored_events GROUP BY originator_id"
            )
            yield
            other.rollback()

    def set_schema_version(self, version: int) -> None:
        self.cluster.ask(f"UPDATE schema_version SET version = {version}", DATABASE)

    @contextmanager
    def slow_commits(self) -> Iterator[None]:
        """While one commit of three takes a tenth of a second."""
        self.cluster.ask(
            "CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END $$",
            DATABASE,
        )
        self.cluster.ask(
            "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON stored_events DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
            "WHEN (NEW.originator_version % 3 = 0) EXECUTE FUNCTION public.slow()",
            DATABASE,
        )
        yield
        self.cluster.ask("DROP TRIGGER slow ON stored_events; DROP FUNCTION public.slow", DATABASE)


Store = FileStore | ServerStore


@contextmanager
def a_file(directory: Path) -> Iterator[FileStore]:
    yield FileStore(directory)


@contextmanager
def a_server(_: Path) -> Iterator[ServerStore]:
    with clusters() as (cluster,):
        cluster.make()
        cluster.start()
        with proxy_before(cluster.port) as proxy:
            yield ServerStore(cluster, proxy)


STORES = {"sqlite": a_file, "postgresql": a_server}

NEWER = VERSION + 1

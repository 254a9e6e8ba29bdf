"""The databases that faults come over: a file of SQLite's, and a server of PostgreSQL's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.database import sqlite
from tests.faults.cluster import Cluster, clusters

DATABASE = "seatledger"


class Store:
    """Where the log is: the URL that the program has, and the owner's."""

    def __init__(self, url: str, owner: str = "") -> None:
        self.url, self.owner = url, owner


@contextmanager
def a_file(directory: Path) -> Iterator[Store]:
    """A file of SQLite's."""
    yield Store(sqlite(directory))


@contextmanager
def a_server(_: Path) -> Iterator[Store]:
    """A server of PostgreSQL's with an empty database."""
    with clusters() as (cluster,):
        cluster.make()
        cluster.start()
        yield served_by(cluster)


class ServedStore(Store):
    """A database of a PostgreSQL server that may be killed."""

    def __init__(self, cluster: Cluster, url: str, owner: str) -> None:
        super().__init__(url, owner)
        self.cluster = cluster


def served_by(cluster: Cluster, url: str | None = None) -> ServedStore:
    """An empty database of a running server, its owner's and the program's roles; `url` if it is not the server's own."""
    for role in ("owner", "program"):
        cluster.ask(f"CREATE ROLE {role} LOGIN")
    cluster.ask(f"CREATE DATABASE {DATABASE} OWNER owner")
    return ServedStore(cluster, url or cluster.url("program", DATABASE), cluster.url("owner", DATABASE))


STORES = {"sqlite": a_file, "postgresql": a_server}

"""PostgreSQL: how a server is connected to, and how long anybody waits for it."""

from __future__ import annotations

import math
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg import conninfo, errors
from psycopg.abc import PQGen
from psycopg.pq import ConnStatus

CONNECT_SECONDS = 2
"""How long each host of the URL may take to let us in, if the URL does not say it."""

ANSWER_SECONDS, QUICK_SECONDS, STORING_SECONDS = 4.0, 2.0, 3.0
"""How long an answer may take: any, one that a login check waits for, and one to what is stored. A server that stands
still keeps nobody longer: its connection is given up. With the turns of commands (3 s) nobody waits more than 6 s."""

COPYING_SECONDS = 60.0
"""How long an answer may take while a database is copied: large tables are sorted, and a long history is committed."""

LOCK_MILLISECONDS = 2000
"""How long a statement waits for another's write; SQLite's writers wait as long."""

OLDEST = 150000
"""PostgreSQL 15: the oldest version that this program was tried with."""

Rows = Any  # Any: the driver gives tuples whose columns are those of the query
T = TypeVar("T")


class ServerTooOld(errors.NotSupportedError):
    """The server's version is older than this program knows."""


class Unanswered(psycopg.OperationalError):
    """The server took longer than anybody waits."""


class Connection(psycopg.Connection[Rows]):
    """A connection on which nobody waits longer than is said; each statement is committed at once."""

    seconds = ANSWER_SECONDS

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        try:
            return super().wait(gen, interval, self.seconds if timeout is None else timeout)
        except errors._WaitTimeout:
            self.pgconn.finish()  # what it would say later would be taken for the answer to another question
            raise Unanswered(f"the server did not answer within {self.seconds:g} seconds") from None

    def is_dead(self) -> bool:
        """Whether the server has hung up since; costs no question, and does not see one that only stands still."""
        if self.closed or self.pgconn.status != ConnStatus.OK:
            return True
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        while poll.poll(0):  # first the server's last words, then its hanging up
            try:
                self.pgconn.consume_input()
            except psycopg.Error:
                return True
        return self.pgconn.status != ConnStatus.OK


def connect(url: str) -> Connection:
    """A connection to whichever of the URL's hosts will have us. Raises psycopg.Error."""
    named = conninfo.conninfo_to_dict(url)
    unsaid: dict[str, str | int] = {"connect_timeout": CONNECT_SECONDS, "application_name": "seatledger"}
    text = conninfo.make_conninfo(url, **{name: value for name, value in unsaid.items() if name not in named})
    connection = Connection.connect(text, autocommit=True)
    if connection.info.server_version < OLDEST:
        connection.close()
        raise ServerTooOld(f"the server's PostgreSQL is older than {OLDEST // 10000}")
    connection.execute(f"SET lock_timeout = {LOCK_MILLISECONDS}")
    return connection


def described(url: str) -> str:
    """A URL as people are told it: without password and options. Raises psycopg.ProgrammingError for none."""
    parameters = conninfo.conninfo_to_dict(url)
    hosts, ports = str(parameters.get("host") or "").split(","), str(parameters.get("port") or "").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    places = ",".join(f"{host}:{port}" if port else host for host, port in zip(hosts, ports, strict=False))
    user, database = parameters.get("user"), parameters.get("dbname") or ""
    return f"postgresql://{user}@{places}/{database}" if user else f"postgresql://{places}/{database}"


class Line:
    """One connection, made when it is first needed and again when the server has hung up or stands still.

    Used by one thread at a time.
    """

    def __init__(
        self, url: str, prepare: Callable[[Connection], None] = lambda _: None, *, unlooked: float = 0
    ) -> None:
        """`prepare` is done with each new connection.

        For `unlooked` seconds after an answer it is not looked whether the server has hung up since: to look lets go of
        Python's lock, a twentieth of a login check. Only for questions: who asks one in vain can ask it once more.
        """
        self._url, self._prepare, self._unlooked = url, prepare, unlooked
        self._connection: Connection | None = None
        self._answered_at = -math.inf

    @contextmanager
    def open(self) -> Iterator[Connection]:
        """The connection. After an error of the server's it is closed: the next one may meet another server."""
        connection = self._connection
        if connection is None or connection.closed or (self._is_due() and connection.is_dead()):
            self.close()
            connection = connect(self._url)
            self._prepare(connection)
            self._connection = connection
        try:
            yield connection
            self._answered_at = monotonic()
        except (psycopg.OperationalError, psycopg.InternalError):  # also a server that has become a standby
            self.close()
            raise

    def ask(self, question: Callable[[Connection], T]) -> T:
        """What a question gives; asked once more, of a new connection, if the server had hung up on this one.

        A hang-up may be on its way when it is looked for. Only for what changes nothing. A server that does not answer
        is not asked again: nobody waits twice as long.
        """
        try:
            with self.open() as connection:
                return question(connection)
        except Unanswered:
            raise
        except psycopg.OperationalError:  # the server has hung up, which costs no time to find out
            with self.open() as connection:
                return question(connection)

    def _is_due(self) -> bool:
        """Whether it is to be looked if the server has hung up."""
        return monotonic() - self._answered_at >= self._unlooked

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

"""A site: an installation on a store, its servers, and clients with a journal."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import update

from application.credentials.tables import create_tables, idempotency_keys
from application.repeats import TAKEN_OVER_AFTER
from interface.settings import Settings
from tests.clock import TIME_ZONE, SetClock
from tests.examples import ADMINISTRATOR, NAME, PRODUCT
from tests.faults.journal import Entry, Journal
from tests.faults.judge import Verdict, judge
from tests.faults.servers import FORKED, Server, command
from tests.faults.stores import Store
from tests.interface.cli.processes import PATIENCE
from tests.proof_examples import LOG_KEY
from tests.world import BY, World

SCOPES = ["users", "audit", "login-check"]


class Site:
    """Servers on one store; `journal` has what clients were told since the last verdict."""

    def __init__(self, directory: Path, store: Store) -> None:
        self.directory, self.store = directory, store
        self._secret = directory / "secret.key"
        self._secret.write_bytes(b"a secret of the tests, 32 bytes!")
        self._secret.chmod(0o600)
        self.servers: list[Server] = []
        self.notes: list[str] = []
        self.excused: set[int] = set()
        """The ports of servers that stood still, whose clients had to wait."""
        self.settings = Settings(
            database=store.url,
            database_owner=store.owner,
            keyring=directory / "keyring.json",
            secret_key_file=self._secret,
        )
        self.settings.log.make(create_tables)
        with self.world() as world:
            world.sign_with(LOG_KEY)
            world.licensing.open_installation(NAME, PRODUCT, TIME_ZONE, ADMINISTRATOR, by=BY)
            world.register()
            self.token = world.do("create_token", "client", SCOPES).text
        self.journal = Journal(self.token)

    def world(self) -> World:
        """The program in this process, which knows nothing yet."""
        world = World(self.directory, SetClock(datetime.now(UTC)))
        world.settings = self.settings
        return world

    @property
    def environment(self) -> dict[str, str]:
        return {
            "SEATLEDGER_DATABASE": self.store.url,
            "SEATLEDGER_KEYRING": str(self.directory / "keyring.json"),
            "SEATLEDGER_SECRET_KEY_FILE": str(self._secret),
        }

    def serve(self, number: int) -> list[Server]:
        """So many servers at least, ready; gives them."""
        new = []
        while len(self.servers) < number:
            server = Server(self.environment, self.directory / f"server-{len(self.servers)}.log")
            server.launch()
            self.servers.append(server)
            new.append(server)
        for server in new:
            server.await_ready()
        return self.servers[:number]

    @property
    def ports(self) -> list[int]:
        return [server.port for server in self.servers]

    def await_acknowledged(self, number: int = 1) -> None:
        """Wait until the clients have had so many more commands acknowledged."""
        self.await_reply("acknowledged", number)

    def await_reply(self, reply: str, number: int = 1) -> None:
        """Wait until the clients have had so many more such replies."""
        enough = self.journal.count(reply) + number
        deadline = time.monotonic() + PATIENCE
        while self.journal.count(reply) < enough:
            assert time.monotonic() < deadline, self.journal.entries[-5:]
            time.sleep(0.005)

    def seconds_until_written(self, port: int) -> float:
        """Write until it is acknowledged; gives how long that took."""
        began = time.monotonic()
        while (entry := self.journal.add(port)) is None or entry.reply != "acknowledged":
            assert time.monotonic() - began < PATIENCE, entry
            time.sleep(0.05)
        return time.monotonic() - began

    def ask_login(self, port: int) -> None:
        """The administrator may log in, whatever else is refused."""
        status, text = self.journal.ask(port, "/api/v1/login-check?login_name=admin")
        assert status == 200, text
        assert json.loads(text)["decision"] in ("admit", "admin_only"), text

    def run(self, *arguments: str) -> int:
        """The exit status of a command of `seatledger`, which writes into a file of its own."""
        environment = {**self.environment, "SEATLEDGER_DATABASE_OWNER": self.store.owner}
        process = FORKED.Process(target=command, args=(list(arguments), environment, self.directory / "commands.log"))
        process.start()
        process.join(PATIENCE)
        assert process.exitcode is not None
        return process.exitcode

    def checkpoint(self) -> None:
        """Sign one and keep it, as an auditor does."""
        with self.world() as world:
            self.notes.append(world.checkpoint())

    def verdict(self) -> Verdict:
        """The judge's, on all that was told since the last one; the journal begins anew.

        Before, every command of which nobody knows what became of it is sent again, to a server that is well.
        """
        with self.world() as world:
            with world.seatledger.engine.begin() as connection:  # time goes by
                begun_at = idempotency_keys.c.begun_at
                connection.execute(update(idempotency_keys).values(begun_at=begun_at - TAKEN_OVER_AFTER))
            self.journal.send_again(self.ports[0])
            verdict = judge(world, self.journal, self.ports, self.notes, self.excused)
        self.journal.forget()
        self.excused.clear()
        self.checkpoint()
        return verdict

    def told(self) -> list[Entry]:
        return list(self.journal.entries)

    def close(self) -> None:
        for server in self.servers:
            server.stop()


@contextmanager
def a_site(directory: Path, store: Store, *, servers: int = 1) -> Iterator[Site]:
    site = Site(directory, store)
    try:
        site.serve(servers)
        yield site
    finally:
        site.close()

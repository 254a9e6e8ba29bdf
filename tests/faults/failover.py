"""A primary and two synchronous standbys: the primary is killed in the midst of writes, and a standby takes over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.cluster import Cluster, clusters
from tests.faults.servers import Server
from tests.faults.site import Site
from tests.faults.stores import DATABASE, ServerStore

SYNCHRONOUS = {"synchronous_standby_names": "ANY 1 (a, b)"}
"""A commit is acknowledged when one of two has it: one of them may be away, and nothing is lost with the primary."""


class Trio(ServerStore):
    """The program's URL names all three servers, of which it takes the one that writes."""

    def __init__(self, primary: Cluster, standbys: dict[str, Cluster]) -> None:
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in (primary, *standbys.values()))
        url = f"postgresql://program@{hosts}/{DATABASE}?target_session_attrs=read-write&connect_timeout=2"
        super().__init__(primary, url=url)
        self.standbys = standbys

    def kill_primary(self) -> None:
        """Kill it, and let the standby that has the most take over, which the other one follows from then on.

        With ANY 1, what was acknowledged is on one of them at least: not on any that one likes.
        """
        self.cluster.kill()
        received = "SELECT pg_last_wal_receive_lsn() - '0/0'::pg_lsn"
        name = max(self.standbys, key=lambda each: self.standbys[each].ask(received)[0][0])
        new = self.standbys.pop(name)
        new.promote()
        for other_name, other in self.standbys.items():
            origin = f"host=127.0.0.1 port={new.port} user=postgres application_name={other_name}"
            other.ask(f"ALTER SYSTEM SET primary_conninfo = '{origin}'")
            other.ask("SELECT pg_reload_conf()")
        self.cluster = new


@contextmanager
def a_trio() -> Iterator[Trio]:
    with clusters(3) as (primary, a, b):
        primary.make()
        primary.settings = a.settings = b.settings = SYNCHRONOUS
        primary.start()
        for name, standby in (("a", a), ("b", b)):
            standby.copy_of(primary, name)
            standby.start()
        yield Trio(primary, {"a": a, "b": b})


def primary_killed(site: Site) -> float:
    """The seconds from the kill to the first write that is acknowledged again."""
    assert isinstance(site.store, Trio)
    with site.journal.writing(*site.ports, *site.ports):
        site.await_acknowledged(20)
        began = time.monotonic()
        site.store.kill_primary()
        site.seconds_until_written(site.ports[0])
        seconds = time.monotonic() - began
        for port in site.ports:
            site.seconds_until_written(port)
        site.await_acknowledged(20)
    return seconds


def served_from_standby(site: Site) -> None:
    """A server whose URL names a standby alone checks logins and refuses to write, until that one takes over."""
    assert isinstance(site.store, Trio)
    url = site.store.standbys["a"].url("program", DATABASE)
    server = Server({**site.environment, "SEATLEDGER_DATABASE": url}, site.directory / "standby.log")
    server.start()
    site.servers.append(server)
    for _ in range(3):
        entry = site.journal.add(server.port)
        assert entry
        assert (entry.reply, entry.told) == ("refused", "storage_failed")
        site.ask_login(server.port)

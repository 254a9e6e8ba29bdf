"""The faults, each a few lines: what happens while clients write; each gives how long until all was well again."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import NamedTuple

from tests.faults.freshness import asked_elsewhere, asked_within_age
from tests.faults.judge import Verdict
from tests.faults.site import Site
from tests.faults.stores import NEWER, ServerStore

Seconds = list[float]


def server_killed(site: Site, times: int, _: float) -> Seconds:
    """C1: kill -9 of one server after the other at random moments; the other goes on."""
    took = []
    with site.journal.writing(*site.ports, *site.ports):
        for number in range(times):
            server = site.servers[number % len(site.servers)]
            site.await_acknowledged(random.randint(1, 8))
            time.sleep(random.uniform(0, 0.02))
            server.kill()
            began = time.monotonic()
            server.start()
            took.append(time.monotonic() - began)
            site.await_acknowledged(2)
    return took


def parent_killed(site: Site, times: int, _: float) -> Seconds:
    """C1: kill -9 of a server's first process alone: its worker ends by itself, and another server can start."""
    took = []
    with site.journal.writing(*site.ports):
        for number in range(times):
            server = site.servers[number % len(site.servers)]
            site.await_acknowledged(3)
            began = time.monotonic()
            server.kill_alone()
            server.start()
            took.append(time.monotonic() - began)
    return took


def server_restarted(site: Site, times: int, _: float) -> Seconds:
    """A server is stopped and started as for an upgrade, while the other serves: nothing in flight is cut off."""
    took = []
    with site.journal.writing(*site.ports, *site.ports):
        for number in range(times):
            server = site.servers[number % len(site.servers)]
            site.await_acknowledged(3)
            began = time.monotonic()
            server.stop()
            server.start()
            took.append(time.monotonic() - began)
    assert site.journal.count("unknown") == 0, site.told()
    return took


def server_frozen(site: Site, times: int, seconds: float) -> Seconds:
    """C6: SIGSTOP of a server at a random moment, perhaps in the midst of a write; the other goes on or says busy."""
    took = []
    frozen, other = site.servers[:2]
    site.excused.add(frozen.port)
    with site.journal.writing(*site.ports):
        for _ in range(times):
            site.await_acknowledged(random.randint(1, 4))
            frozen.send(signal.SIGSTOP)
            time.sleep(seconds)
            frozen.send(signal.SIGCONT)
            took.append(site.seconds_until_written(other.port))
    return took


def lock_held(site: Site, times: int, seconds: float) -> Seconds:
    """C6: a writer that stands still holds the lock; others are told soon that it is so."""
    took = []
    for _ in range(times):
        with site.journal.writing(*site.ports * 4):
            with site.store.locked():
                time.sleep(seconds)
            took.append(site.seconds_until_written(site.ports[0]))
    assert site.journal.count("refused") > 0
    return took


def database_killed(site: Site, times: int, _: float) -> Seconds:
    """C2: kill -9 of PostgreSQL and all its processes, and a start that has to recover."""
    took = []
    cluster = _server_store(site).cluster
    with site.journal.writing(*site.ports, *site.ports):
        for _ in range(times):
            site.await_acknowledged(random.randint(3, 12))
            cluster.kill()
            cluster.start()
            took += [site.seconds_until_written(port) for port in site.ports]
    return took


def database_frozen(site: Site, times: int, seconds: float) -> Seconds:
    """C6: SIGSTOP of PostgreSQL and all its processes."""
    took = []
    cluster = _server_store(site).cluster
    for _ in range(times):
        with site.journal.writing(*site.ports * 4):
            site.await_acknowledged(2)
            cluster.send(signal.SIGSTOP)
            time.sleep(seconds)
            cluster.send(signal.SIGCONT)
            took += [site.seconds_until_written(port) for port in site.ports]
    return took


def replies_lost(site: Site, times: int, _: float) -> Seconds:
    """C4: the connection is cut right after a commit, so that the server never hears of it."""
    proxy = _server_store(site).proxy
    assert proxy
    with site.journal.writing(*site.ports):
        for _ in range(times):
            proxy.arm()
            assert proxy.cut.wait(60)
            site.await_acknowledged(1)
    assert {entry.told for entry in site.told()} <= {"created", "outcome_unknown"}
    return []


def connections_cut(site: Site, times: int, _: float) -> Seconds:
    """All connections to the database are cut at random moments."""
    proxy = _server_store(site).proxy
    assert proxy
    with site.journal.writing(*site.ports):
        for _ in range(times):
            time.sleep(random.uniform(0, 0.03))
            proxy.cut_all()
            site.await_acknowledged(1)
    return [site.seconds_until_written(port) for port in site.ports]  # one may still think that the database is away


def commits_slow(site: Site, times: int, _: float) -> Seconds:
    """C7: slow commits beside fast ones; who follows the log sees every position once and in order."""
    positions: list[int] = []
    over = Event()

    def follow() -> None:
        with site.world() as world:
            reader = world.settings.log.reader()
            while not over.wait(0.002):
                after = positions[-1] if positions else 0
                positions.extend(event.originator_version for event in reader.events(world.id, after=after))
            reader.close()

    follower = Thread(target=follow)
    follower.start()
    with _server_store(site).slow_commits(), site.journal.writing(*site.ports, *site.ports):
        site.await_acknowledged(3 * times)
    over.set()
    follower.join()
    assert len(positions) >= 3 * times
    assert positions == list(range(1, len(positions) + 1))
    return []


def schema_migrated(site: Site, times: int, _: float) -> Seconds:
    """`migrate` while others serve; then a newer version's: who serves goes on, and nobody starts on it."""
    with site.journal.writing(*site.ports):
        for _ in range(times):
            site.await_acknowledged(2)
            assert site.run("migrate") == 0
        site.store.set_schema_version(NEWER)
        site.await_acknowledged(2)
        assert site.run("serve", "--port", "1") == 1
        assert site.run("migrate") == 1
        site.store.set_schema_version(NEWER - 1)
    return []


def _server_store(site: Site) -> ServerStore:
    assert isinstance(site.store, ServerStore)
    return site.store


class Outcome(NamedTuple):
    """How often it came, how long it took each time until all was well again, and the judge's verdict."""

    times: int
    took: Seconds
    verdict: Verdict


class Fault(NamedTuple):
    """A fault: how often it comes in the test command and in the long run, and how long it lasts each time."""

    happens: Callable[[Site, int, float], Seconds]
    times: int
    long_times: int
    databases: tuple[str, ...]
    seconds: float = 0
    long_seconds: float = 0
    well_within: float = 10
    """Seconds from the end of the fault, or from the start again, until all is well: limits of the long run."""

    @property
    def name(self) -> str:
        return self.happens.__name__

    def once(self, site: Site) -> Outcome:
        """As in the test command."""
        return Outcome(self.times, self.happens(site, self.times, self.seconds), site.verdict())

    def long(self, site: Site, share: float = 1) -> Outcome:
        """As in the long run, or a share of it, with its times to wait."""
        times = max(2, round(share * self.long_times))
        return Outcome(times, self.happens(site, times, self.long_seconds), site.verdict())


BOTH, SERVER = ("sqlite", "postgresql"), ("postgresql",)

FAULTS = (
    Fault(server_killed, 4, 200, BOTH, well_within=5),
    Fault(parent_killed, 1, 20, BOTH, well_within=5),
    Fault(server_restarted, 2, 20, BOTH),
    Fault(server_frozen, 1, 20, BOTH, 1, 10),
    Fault(lock_held, 1, 20, BOTH, 2.5, 10),
    Fault(schema_migrated, 2, 20, BOTH),
    Fault(asked_elsewhere, 100, 2000, BOTH),
    Fault(asked_within_age, 6, 200, BOTH),
    Fault(database_killed, 3, 50, SERVER),
    Fault(database_frozen, 1, 20, SERVER, 5, 10),
    Fault(replies_lost, 20, 500, SERVER),
    Fault(connections_cut, 20, 500, SERVER),
    Fault(commits_slow, 6, 50, SERVER),
)

"""What it costs that people's names are sealed: adding a user and folding a log, against names in clear beside it."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent

from application.credentials.tables import create_tables
from application.licensing import Licensing
from application.log.acting import Acting
from application.log.mapper import AllowedTopicsMapper
from application.user_import import ImportLine
from application.views.entitlement import fold
from domain.installation import Installation
from interface.composition import compose
from interface.settings import Settings

USERS = 20_000
ROUNDS, WRITES = 31, 25
ADDING_AT_MOST, FOLDING_AT_MOST = 1.3, 1.6
BY = "cli:benchmark"


class InClear(AllowedTopicsMapper):
    """The same mapper, but names are stored as they are."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        return Mapper.to_stored_event(self, domain_event)

    def to_domain_events(self, stored_events: Iterable[StoredEvent]) -> Iterator[Installation.Event]:
        for stored in stored_events:
            event = Mapper.to_domain_event(self, stored)
            assert isinstance(event, Installation.Event)
            yield event


class Measured(NamedTuple):
    """An installation with many users, and how it reads and writes names."""

    licensing: Licensing
    id_: UUID


def main() -> bool:
    """Measure in alternated rounds, print a table, and give whether both ratios are low enough."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        sealed, clear = opened(Path(directory) / "sealed", stack), in_clear(Path(directory) / "clear", stack)
        names = count()
        adding = ratios(lambda one: adding_one(one, names), sealed, clear, ROUNDS)
        folding = ratios(folding_all, sealed, clear, ROUNDS)
    print(f"Names sealed against names in clear, {USERS:,} users, medians of alternated rounds")
    reached = True
    for what, unit, (with_seal, without, ratio), most in (
        ("adding a user", "ms", adding, ADDING_AT_MOST),
        ("folding an event", "us", folding, FOLDING_AT_MOST),
    ):
        is_low = ratio <= most
        reached &= is_low
        print(
            f"{what:<18} {with_seal:>8.2f} {unit} sealed, {without:>8.2f} {unit} in clear, ratio {ratio:.2f}   "
            f"at most {most}: {'reached' if is_low else 'missed'}"
        )
    return reached


def opened(directory: Path, stack: ExitStack) -> Measured:
    directory.mkdir()
    settings = Settings(database=f"sqlite:///{directory / 'one.sqlite'}")
    settings.log.make(create_tables)
    seatledger = stack.enter_context(closing(compose(settings)))
    licensing = seatledger.licensing
    id_ = licensing.open_installation("Benchmark", "benchmark", "UTC", "admin", by=BY)
    licensing.import_users(id_, [ImportLine(number, f"user-{number}") for number in range(USERS)], by=BY)
    return Measured(licensing, id_)


def in_clear(directory: Path, stack: ExitStack) -> Measured:
    with patch.object(Acting, "construct_mapper", lambda _: InClear()):
        return opened(directory, stack)


def ratios(
    measure: Callable[[Measured], float], sealed: Measured, clear: Measured, rounds: int
) -> tuple[float, float, float]:
    """The medians of both, and of the rounds' ratios."""
    taken = []
    for number in range(rounds):  # neither is always the second
        pair = [measure(one) for one in ((sealed, clear) if number % 2 else (clear, sealed))]
        taken.append(pair if number % 2 else pair[::-1])
    ours, plain = zip(*taken, strict=True)
    return statistics.median(ours), statistics.median(plain), statistics.median(a / b for a, b in taken)


def adding_one(one: Measured, names: count[int]) -> float:
    """Milliseconds for a user, stored before the next: the median of some."""
    taken = []
    for _ in range(WRITES):
        name = f"added-{next(names)}"
        started = time.perf_counter()
        one.licensing.add_user(one.id_, name, by=BY)
        taken.append(1e3 * (time.perf_counter() - started))
    return statistics.median(taken)


def folding_all(one: Measured) -> float:
    """Microseconds for an event, read from the database and folded from nothing."""
    with closing(one.licensing._log.reader()) as reader:
        started = time.perf_counter()
        view = fold(None, one.licensing._acting.mapper.to_domain_events(reader.events(one.id_)))
        took = time.perf_counter() - started
    assert view is not None
    return 1e6 * took / view.position


if __name__ == "__main__":
    sys.exit(0 if main() else 1)

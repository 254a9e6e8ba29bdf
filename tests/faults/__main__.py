"""All faults, a share of their long runs, and a table. `python -m tests.faults 0.1 lock_held`: a tenth of that one."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.disks import DISKS, disk_full, small_disk
from tests.faults.failover import a_trio, primary_killed, served_from_standby
from tests.faults.faults import BOTH, FAULTS, Fault, Outcome
from tests.faults.judge import Verdict
from tests.faults.site import a_site
from tests.faults.stores import STORES
from tests.faults.table import NOTE, header, is_sound, row

Run = Callable[[], Outcome]


def runs(share: float, names: list[str]) -> Iterator[tuple[str, str, Run]]:
    """Every fault on every database, by name."""
    for fault in FAULTS:
        for database in BOTH:
            if database in fault.databases and (not names or fault.name in names):
                yield fault.name, database, lambda fault=fault, database=database: of_fault(fault, database, share)
    for database in DISKS:
        if not names or "disk_full" in names:
            yield "disk_full", database, lambda database=database: of_disk(database, share)
    if not names or "primary_killed" in names:
        yield "primary_killed", "postgresql", lambda: of_failover(share)


def of_fault(fault: Fault, database: str, share: float) -> Outcome:
    with ExitStack() as stack:
        directory = a_directory(stack)
        store = stack.enter_context(STORES[database](directory))
        return fault.long(stack.enter_context(a_site(directory, store, servers=2)), share)


def of_disk(database: str, share: float) -> Outcome:
    size, store_on = DISKS[database]
    times = max(2, round(10 * share))
    with ExitStack() as stack:
        place = stack.enter_context(small_disk(size))
        store = stack.enter_context(store_on(place))
        site = stack.enter_context(a_site(a_directory(stack), store))
        return Outcome(times, disk_full(site, place, times), site.verdict())


def of_failover(share: float) -> Outcome:
    times = max(2, round(10 * share))
    took, verdicts = [], []
    for _ in range(times):
        with ExitStack() as stack:
            site = stack.enter_context(a_site(a_directory(stack), stack.enter_context(a_trio()), servers=2))
            served_from_standby(site)
            took.append(primary_killed(site))
            verdicts.append(site.verdict())
    return Outcome(times, took, sum_of(verdicts))


def sum_of(verdicts: list[Verdict]) -> Verdict:
    first, *others = verdicts
    for other in others:
        first = Verdict(*(a + b for a, b in zip(first[:-1], other[:-1], strict=True)), max(first[-1], other[-1]))
    return first


def a_directory(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory()))


def main(share: float, names: list[str]) -> bool:
    """Run them, print the table, and give whether nothing was lost, stored twice or told falsely."""
    print(header(), flush=True)
    all_sound = True
    for name, database, run in runs(share, names):
        try:
            times, took, verdict = run()
        except pytest.skip.Exception as reason:
            print(f"{name:<18}{database:<11}not run: {reason}")
            continue
        print(row(name, database, times, took, verdict), flush=True)
        all_sound = all_sound and is_sound(verdict)
    print(NOTE)
    return all_sound


if __name__ == "__main__":
    share, *names = sys.argv[1:] or ["0.1"]
    sys.exit(0 if main(float(share), names) else 1)

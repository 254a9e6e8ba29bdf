"""All faults, a share of their long runs, and a table. `python -m tests.faults 0.1 lock_held`: a tenth of that one."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import pytest

from tests.faults.disks import DISKS, disk_full, small_disk
from tests.faults.failover import a_trio, primary_killed, served_from_standby
from tests.faults.faults import BOTH, FAULTS, Fault, Outcome
from tests.faults.judge import Verdict
from tests.faults.site import a_site
from tests.faults.stores import STORES

Run = Callable[[], Outcome]

HEADER = ("database", "sent", "acknowl.", "refused", "unknown", "lost", "twice", "false", "wait", "well in", "run")
NOTE = """
Sent: commands that reached a server. Lost: acknowledged and not stored. Twice: stored twice. False: refused and stored.
Wait: the longest that anybody waited for an answer, but from a server that stood still (s). Well in: the longest from
the fault's end until a write was acknowledged (s). Run: how long all of it took (s)."""


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
    with ExitStack() as stack:
        place = stack.enter_context(small_disk(size))
        store = stack.enter_context(store_on(place))
        site = stack.enter_context(a_site(a_directory(stack), store))
        return Outcome(disk_full(site, place, max(2, round(10 * share))), site.verdict())


def of_failover(share: float) -> Outcome:
    outcomes = []
    for _ in range(max(2, round(10 * share))):
        with ExitStack() as stack:
            site = stack.enter_context(a_site(a_directory(stack), stack.enter_context(a_trio()), servers=2))
            served_from_standby(site)
            outcomes.append(Outcome([primary_killed(site)], site.verdict()))
    return Outcome([took for each in outcomes for took in each.took], sum_of([each.verdict for each in outcomes]))


def sum_of(verdicts: list[Verdict]) -> Verdict:
    first, *others = verdicts
    for other in others:
        first = Verdict(*(a + b for a, b in zip(first[:-1], other[:-1], strict=True)), max(first[-1], other[-1]))
    return first


def a_directory(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory()))


def main(share: float, names: list[str]) -> bool:
    """Run them, print the table, and give whether nothing was lost, stored twice or told falsely."""
    print(f"{'fault':<18}{HEADER[0]:<11}" + "".join(f"{name:>9}" for name in HEADER[1:]), flush=True)
    is_sound = True
    for name, database, run in runs(share, names):
        began = monotonic()
        try:
            took, verdict = run()
        except pytest.skip.Exception as reason:
            print(f"{name:<18}{database:<11}not run: {reason}")
            continue
        wrong = [len(verdict.lost), len(verdict.doubled), len(verdict.stored_though_refused)]
        told = [verdict.acknowledged, verdict.refused, verdict.unknown]
        seconds = [verdict.longest_wait, max(took, default=0.0), monotonic() - began]
        counts = "".join(f"{number:>9}" for number in (sum(told), *told, *wrong))
        print(f"{name:<18}{database:<11}{counts}" + "".join(f"{each:>9.2f}" for each in seconds), flush=True)
        is_sound = is_sound and not any(wrong)
    print(NOTE)
    return is_sound


if __name__ == "__main__":
    share, *names = sys.argv[1:] or ["0.1"]
    sys.exit(0 if main(float(share), names) else 1)

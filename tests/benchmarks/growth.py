"""What grows with the users, and what does not: 1,000 to 1,000,000 of them, on both databases; draws the plot.

`python -m tests.benchmarks growth` measures all sizes (a quarter of an hour); GROWTH_USERS=1000,10000 others.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from itertools import count, product
from pathlib import Path
from random import Random
from uuid import UUID

from application.user_import import ImportLine
from application.views.history import Filter
from domain.login import decide
from interface.composition import Seatledger, compose
from interface.settings import Settings
from tests.benchmarks.databases import BY, DATABASES, installation
from tests.benchmarks.plot import Line, svg

USERS = tuple(map(int, os.environ.get("GROWTH_USERS", "1000,10000,100000,1000000").split(",")))
PLOT = Path(__file__).parents[2] / "docs" / "images" / "cost-against-users.svg"
ROUNDS = 30

WARM = (
    "add a user",
    "login check",
    "newest page of the history",
    "as of a position",
    "users after a write",
    "history of a user",
)
COLD = ("first decision", "first command")
LONG = ("first decision without a snapshot", "first command without a snapshot")
FLAT = 1.5
"""At most how many times a warm one may take what it took at the fewest users."""

SECONDS = {100_000: 1.0, 1_000_000: 5.0}
"""Within how many seconds a fresh worker must have decided, and done a command."""

MEMORY = ("megabytes", "megabytes without a snapshot")

MEGABYTES = 500
"""What a worker may hold at 1,000,000 users beyond an empty one."""

Costs = dict[str, float]
"""Milliseconds of the worker's processor time, by what was done: what others do on the machine does not count, nor does
waiting for a disk, nor a server's own work. `megabytes` is memory, `snapshot` what it takes to make one."""


def main() -> bool:
    """Measure each size in each database, print a table, draw SQLite's, and give whether all is in bounds."""
    print("Cost against users, milliseconds of processor time (medians), and memory beyond an empty worker")
    columns = (*WARM, *COLD, *LONG, "import of one user", "snapshot", *MEMORY)
    print(f"{'':<11} {'users':>10}" + "".join(f" {column:>{max(len(column), 9)}}" for column in columns), flush=True)
    table = dict[tuple[str, int], Costs]()
    for users, name in product(USERS, DATABASES):
        table[name, users] = costs = measured(name, users)
        cells = (f" {costs[column]:>{max(len(column), 9)}.2f}" for column in columns)
        print(f"{name:<11} {users:>10,}" + "".join(cells), flush=True)
    draw(table)
    verdicts = [within(name, table) for name in DATABASES]
    return all(verdicts)


def within(name: str, table: dict[tuple[str, int], Costs]) -> bool:
    fewest, most = table[name, USERS[0]], table[name, USERS[-1]]
    bounds = [(f"{each}, {FLAT} times", most[each] <= FLAT * fewest[each]) for each in WARM[:2]]
    for users, seconds in SECONDS.items():
        if users in USERS:
            costs = table[name, users]
            bounds += [(f"{each}, {users:,} users", costs[each] <= 1000 * seconds) for each in COLD]
    if 1_000_000 in USERS:
        bounds.append((f"{MEGABYTES} MB", table[name, 1_000_000]["megabytes"] <= MEGABYTES))
    for bound, is_kept in bounds:
        print(f"  {name}: {bound}: {'reached' if is_kept else 'missed'}")
    return all(is_kept for _, is_kept in bounds)


def measured(name: str, users: int) -> Costs:
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        settings = stack.enter_context(DATABASES[name](Path(directory)))
        seatledger, id_ = stack.enter_context(installation(settings))
        started = time.process_time()
        lines = (ImportLine(number, f"user-{number}@example.com") for number in range(users - 1))
        seatledger.licensing.import_users(id_, lines, by=BY)
        costs = {"import of one user": 1000 * (time.process_time() - started) / users}
        costs |= warm(seatledger, id_)
        costs |= {f"{what} without a snapshot": cost for what, cost in fresh(settings).items()}
        started = time.process_time()
        is_taken = seatledger.licensing.views.take_snapshot(id_)  # from LEAST events on
        costs["snapshot"] = 1000 * (time.process_time() - started) if is_taken else 0
        return costs | fresh(settings)


def warm(seatledger: Seatledger, id_: UUID) -> Costs:
    licensing, random = seatledger.licensing, Random(1)  # noqa: S311  no secret
    names = count()

    def page() -> None:
        licensing.history_backwards(id_, before=None, limit=100, only=Filter(), one_by_one=False)

    def add() -> None:
        licensing.add_user(id_, f"added-{next(names)}", by=BY)

    def history_of_user() -> None:
        only = Filter.of(licensing.now(id_).view, login_name="user-7@example.com")
        licensing.history_backwards(id_, before=None, limit=100, only=only, one_by_one=False)

    newest = licensing.now(id_).position
    seatledger.user_list.page(licensing.now(id_).view)
    costs = (
        milliseconds(add),
        milliseconds(lambda: decide(licensing.now(id_), "user-1@example.com")),
        milliseconds(page),
        milliseconds(lambda: licensing.at(id_, random.randint(4, newest))),
        milliseconds(lambda: seatledger.user_list.page(licensing.now(id_).view), before=add),
        milliseconds(history_of_user),
    )
    return dict(zip(WARM, costs, strict=True))


def milliseconds(act: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    taken = []
    for _ in range(ROUNDS):
        before()
        started = time.process_time()
        act()
        taken.append(1000 * (time.process_time() - started))
    return statistics.median(taken)


def fresh(settings: Settings) -> Costs:
    """What a worker does first, in a process of its own; an empty worker's memory is taken off."""
    environment = {
        **os.environ,
        "SEATLEDGER_DATABASE": settings.database,
        "SEATLEDGER_SECRET_KEY_FILE": str(settings.secret_key_file),
    }
    answer = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.growth"], env=environment, capture_output=True, check=True
    )
    costs: Costs = json.loads(answer.stdout)
    return costs


def worker() -> None:
    """A fresh worker: everything is imported and the database is open, as before the first request."""
    with closing(compose(Settings.from_environment())) as seatledger:
        id_ = seatledger.installation_id
        empty = megabytes()
        started = time.process_time()
        decide(seatledger.licensing.now(id_), "user-1@example.com")
        decided = time.process_time()
        seatledger.licensing.add_user(id_, f"added by {os.getpid()}", by=BY)
        ended = time.process_time()
        held = megabytes() - empty
    first = {"first decision": 1000 * (decided - started), "first command": 1000 * (ended - decided)}
    print(json.dumps({**first, "megabytes": held}))


def megabytes() -> float:
    """What this process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def draw(table: dict[tuple[str, int], Costs]) -> None:
    names = (*WARM, *COLD)
    lines = [Line(what, {users: table["SQLite", users][what] for users in USERS}) for what in names]
    PLOT.write_text(svg("Processor time against users, on SQLite", lines), encoding="utf-8")
    print(f"drawn: docs/images/{PLOT.name}")


if __name__ == "__main__":
    worker()

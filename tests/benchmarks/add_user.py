"""What adding a user costs with 100,000 users there already, against with 100."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from uuid import UUID

from application.credentials.tables import create_tables
from application.licensing import Licensing
from application.user_import import ImportLine
from interface.composition import compose
from interface.settings import Settings

FEW, MANY = 100, 100_000
ROUNDS = 9
ADDED_A_ROUND = 50
AT_MOST = 1.5
BY = "cli:benchmark"


def main() -> bool:
    """Measure in alternated rounds, print a table, and give whether the ratio of the medians is low enough."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        few, many = (installation(Path(directory), users, stack) for users in (FEW, MANY))
        names = count()
        measured = [(milliseconds(*few, names), milliseconds(*many, names)) for _ in range(ROUNDS)]
    medians = [statistics.median(column) for column in zip(*measured, strict=True)]
    ratio = medians[1] / medians[0]
    verdict = "reached" if ratio <= AT_MOST else "missed"
    print(f"Adding a user, median of {ADDED_A_ROUND} in each round")
    print(f"{'round':>6} {f'{FEW:,} users':>14} {f'{MANY:,} users':>14} {'ratio':>6}")
    for number, (with_few, with_many) in enumerate(measured, 1):
        print(f"{number:>6} {with_few:>11.2f} ms {with_many:>11.2f} ms {with_many / with_few:>6.2f}")
    print(f"{'median':>6} {medians[0]:>11.2f} ms {medians[1]:>11.2f} ms {ratio:>6.2f}", end="   ")
    print(f"at most {AT_MOST}: {verdict}")
    return verdict == "reached"


def installation(directory: Path, users: int, stack: ExitStack) -> tuple[Licensing, UUID]:
    """An installation with that many users in a database of its own, loaded."""
    settings = Settings(database=f"sqlite:///{directory / str(users)}.sqlite")
    settings.log.make(create_tables)
    seatledger = stack.enter_context(closing(compose(settings)))
    licensing = seatledger.licensing
    id_ = licensing.open_installation("Benchmark", "benchmark", "UTC", "admin", by=BY)
    lines = [ImportLine(number, f"user-{number}") for number in range(users - 1)]
    licensing.import_users(id_, lines, by=BY)
    return licensing, id_


def milliseconds(licensing: Licensing, id_: UUID, names: count[int]) -> float:
    """The median of adding some users, one after the other, each stored before the next."""
    taken = []
    for _ in range(ADDED_A_ROUND):
        name = f"added-{next(names)}"
        started = time.perf_counter()
        licensing.add_user(id_, name, by=BY)
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)

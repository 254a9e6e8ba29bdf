"""What the Merkle leaf costs a write, and how fast the history is exported, verified and replayed.

With `--million`, also how much memory the export of 1,000,000 events takes (some minutes).
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing.persistence import InfrastructureFactory, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor, SQLiteFactory
from eventsourcing.utils import Environment

from application.credentials.tables import create_tables
from application.erased_names import Pepper
from application.erasing import ErasedList
from application.license_keys import LicenseKeys
from application.licensing import Licensing
from application.log.mapper import AllowedTopicsMapper, StoredWithName
from application.log.sqlite import SQLiteLog
from application.log.sqlite.connection import LOCK_TIMEOUT
from application.log.sqlite.reader import SQLiteReader as LogReader
from application.log.sqlite.recorder import INSERT_KEY, Recorder
from application.proof.notes import create_log_key
from application.proof.verify_export import verify
from application.user_import import ImportLine
from application.views.replay import Replay
from interface.composition import compose, system_clock
from interface.settings import Settings
from tests.examples import KEYRING, PRODUCT, a_key, a_period

EVENTS = 100_000
MILLION = 1_000_000
ROUNDS = 61
WRITES, BULK = 25, 1_000
WITH_LEAF_AT_LEAST = 0.9
EXPORTED_A_SECOND, VERIFIED_A_SECOND, REPLAYED_A_SECOND = 20_000, 30_000, 10_000
TIMES_AS_READING = 5
MEGABYTES = 200
BY = "cli:benchmark"


class LibraryRecorder(Recorder):
    """Writes as the library does, and people's keys: names are sealed here, too."""

    def construct_create_table_statements(self) -> list[str]:
        return [each for each in super().construct_create_table_statements() if "TRIGGER" not in each]

    def _insert_events(
        self,
        c: SQLiteCursor,
        stored_events: Sequence[StoredEvent],
        **options: Any,  # Any: as the library has it
    ) -> Sequence[int] | None:
        people = [(event.account_id, event.person_key) for event in stored_events if isinstance(event, StoredWithName)]
        c.executemany(INSERT_KEY, people)
        return SQLiteApplicationRecorder._insert_events(self, c, stored_events, **options)


class LibraryFactory(SQLiteFactory):
    application_recorder_class = LibraryRecorder


class WithoutLeaf(SQLiteLog):
    """The same file, written as the library does: no leaf, and nothing that refuses changes."""

    def recorders(self, env: Environment) -> InfrastructureFactory[Any]:  # type: ignore[override]  # not our Factory
        env.update({"SQLITE_DBNAME": str(self.place), "SQLITE_LOCK_TIMEOUT": str(LOCK_TIMEOUT)})
        return LibraryFactory(env)


class Unasked(Licensing):
    """The use cases over a database that holds no installation yet; looking for one would ask the leaves as well."""

    def installation_ids(self) -> list[UUID]:
        return []


class Line(NamedTuple):
    """A line of the table, and whether its limit is reached."""

    text: str
    reached: bool


def main(arguments: list[str] | None = None) -> bool:
    """Measure, print a table, and give whether every limit is reached."""
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as directory:
        lines += writing(Path(directory))
        lines += reading(Path(directory))
        if "--million" in (arguments or []):
            lines.append(memory(Path(directory)))
    print("The audit log")
    for line in lines:
        print(f"{line.text}: {'reached' if line.reached else 'missed'}")
    return all(line.reached for line in lines)


# Writing, with the Merkle leaf and without it.


def writing(directory: Path) -> Iterator[Line]:
    """Both ways in alternated rounds; what counts is the median of the rounds' ratios."""
    with ExitStack() as stack:
        kinds = [opened(kind, directory, stack) for kind in (SQLiteLog, WithoutLeaf)]
        names = count()
        for what, a_round, done in (("single", single_writes, WRITES), ("bulk", bulk_write, BULK)):
            taken: list[list[float]] = [[], []]
            for number in range(ROUNDS):
                for which in (0, 1) if number % 2 else (1, 0):  # neither is always the second
                    gc.collect()
                    taken[which].append(a_round(*kinds[which], names))
            with_leaf, without = (done / statistics.median(column) for column in taken)
            ratio = statistics.median(plain / ours for ours, plain in zip(*taken, strict=True))
            yield Line(
                f"{f'writing, {what}':<20} {with_leaf:>10,.0f}/s with the leaf, {without:>8,.0f}/s without, "
                f"ratio {ratio:.2f}   at least {WITH_LEAF_AT_LEAST}",
                ratio >= WITH_LEAF_AT_LEAST,
            )


def opened(kind: type[SQLiteLog], directory: Path, stack: ExitStack) -> tuple[Licensing, UUID]:
    path = directory / f"{kind.__name__}.sqlite"
    licensing = stack.enter_context(
        closing(
            Unasked(
                kind(path),
                lambda: LicenseKeys(KEYRING),
                system_clock,
                Pepper(directory / "pepper"),
                ErasedList(directory / "erased"),
            )
        )
    )
    return licensing, licensing.open_installation("Benchmark", PRODUCT, "UTC", "admin", by=BY)


def single_writes(licensing: Licensing, id_: UUID, names: count[int]) -> float:
    """Seconds for users added one by one, each stored before the next."""
    started = time.perf_counter()
    for _ in range(WRITES):
        licensing.add_user(id_, f"single-{next(names)}", by=BY)
    return time.perf_counter() - started


def bulk_write(licensing: Licensing, id_: UUID, names: count[int]) -> float:
    """Seconds for an import."""
    lines = [ImportLine(number, f"bulk-{next(names)}") for number in range(BULK)]
    started = time.perf_counter()
    licensing.import_users(id_, lines, by=BY)
    return time.perf_counter() - started


# Exporting, verifying, replaying.


def reading(directory: Path) -> Iterator[Line]:
    """The real command for the export, its start and its checkpoint included; the other two in this process."""
    environment = a_history(directory, EVENTS)
    export = directory / "export"
    yield speed("export", EXPORTED_A_SECOND, lambda: exported(export, environment))
    yield speed("verifying, with rules", VERIFIED_A_SECOND, lambda: verified(export))
    yield beside_reading(export)
    with closing(LogReader(str(directory / f"{EVENTS}.sqlite"))) as reader:
        stored = list(reader.events(reader.installation_ids()[0]))
    yield speed("replaying", REPLAYED_A_SECOND, lambda: replayed(stored))
    both = 1 / (1 / VERIFIED_A_SECOND + 1 / REPLAYED_A_SECOND)  # the command does one after the other
    yield speed("audit verify", int(both), lambda: command(environment, "audit", "verify", export))


def a_history(directory: Path, events: int) -> dict[str, str]:
    """A database with that many events, and the environment that names it."""
    keyring = directory / "keyring.json"
    keyring.write_text(json.dumps(KEYRING.to_jwk_set()))
    settings = Settings(database=f"sqlite:///{directory / str(events)}.sqlite", keyring=keyring)
    if not settings.log_key_path.exists():
        create_log_key(settings.log_key_path)
    settings.log.make(create_tables)
    with closing(compose(settings)) as seatledger:
        licensing = seatledger.licensing
        id_ = licensing.open_installation("Benchmark", PRODUCT, "UTC", "admin", by=BY)
        licensing.register_license_key(id_, a_key(license_period=a_period("2026-04-01", None)), by=BY)
        lines = (ImportLine(number, f"user-{number}@example.com") for number in range(events - 4))
        licensing.import_users(id_, lines, by=BY)
    return {"SEATLEDGER_DATABASE": settings.database, "SEATLEDGER_KEYRING": str(keyring)}


def speed(what: str, at_least: int, measure: Callable[[], object], rounds: int = 3) -> Line:
    """Events a second: the median of some rounds."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        measure()
        taken.append(time.perf_counter() - started)
    reached = EVENTS / statistics.median(taken)
    return Line(f"{what:<20} {reached:>10,.0f} events/s   at least {at_least:,}", reached >= at_least)


def beside_reading(export: Path, rounds: int = 5) -> Line:
    """How many times as long verifying takes as reading the lines and states as JSON, and hashing: in turns."""
    ratios = []
    for _ in range(rounds):
        started = time.perf_counter()
        read_and_hashed(export)
        between = time.perf_counter()
        verified(export)
        ratios.append((time.perf_counter() - between) / (between - started))
    ratio = statistics.median(ratios)
    what = f"{'verifying':<20} {ratio:>10.1f} times as long as reading and hashing   at most {TIMES_AS_READING}"
    return Line(what, ratio <= TIMES_AS_READING)


def read_and_hashed(export: Path) -> None:
    with export.open("rb") as stream:
        for line in stream:
            state = json.loads(line).get("state")
            if isinstance(state, str):
                stored = b64decode(state)
                json.loads(stored)
                sha256(stored).digest()


def command(environment: dict[str, str], *words: object) -> subprocess.CompletedProcess[str]:
    code = "from interface.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )


def exported(export: Path, environment: dict[str, str]) -> None:
    export.unlink(missing_ok=True)  # what is there is never written over
    said = command(environment, "audit", "export", export).stdout
    if not said.startswith(f"{EVENTS:,} events "):
        raise RuntimeError(f"the export did something else: {said!r}")


def verified(export: Path) -> None:
    with export.open("rb") as stream:
        report = verify(stream, keyring=json.dumps(KEYRING.to_jwk_set()).encode())
    if report.finding is not None or report.events != EVENTS:
        raise RuntimeError(str(report.finding))


def replayed(stored: list[StoredEvent]) -> None:
    replay = Replay(AllowedTopicsMapper())
    for event in stored:
        replay.event(event.originator_version, event.originator_id, event.topic, event.state)
    replay.state()


# Memory.


def memory(directory: Path) -> Line:
    """The most memory (MB) that the export of a million events holds."""
    environment = a_history(directory, MILLION)
    watched = (
        "import re, sys; from pathlib import Path; from interface.cli.main import seatledger; "
        "seatledger(['audit', 'export', sys.argv[1]], standalone_mode=False); "
        # Not getrusage, whose peak is that of the parent before exec.
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    started = time.perf_counter()
    said = subprocess.run(
        [sys.executable, "-c", watched, str(directory / "million")],
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    megabytes, seconds = int(said.split()[-1]) // 1000, time.perf_counter() - started
    what = f"{'export of 1,000,000':<20} {megabytes:>7} MB in {seconds:.0f} s   under {MEGABYTES} MB"
    return Line(what, megabytes < MEGABYTES)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)

"""What Prometheus is told: the license and the users in use, decisions at the door, and how the history is kept.

Imported only where an application is made: at its import, prometheus_client decides whether processes share counts.
"""

from __future__ import annotations

import os
from collections import Counter as Counts
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from application.log.failures import database_errors
from application.views.day_view import DayView
from application.views.in_use_rises import TAKING, InUseRises
from application.views.warnings import warnings
from domain.refusals import Refused
from interface.composition import Seatledger
from interface.metrics_directory import VARIABLE, started_in

A_PAGE = 1000
"""How many events are asked for at once."""


class Metrics:
    """What /metrics answers, whichever worker is asked."""

    CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self, seatledger: Seatledger) -> None:
        self._seatledger = seatledger
        self._registry = CollectorRegistry()
        directory = os.environ.get(VARIABLE)
        self._checks = Counter(
            "seatledger_login_checks",
            "Decisions about now that were given at the door.",
            ["decision", "code"],
            registry=None if directory else self._registry,
        )
        if directory:  # its collector reads what all processes have counted, this one among them
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]  # it has no types
        started = started_in(Path(directory)) if directory else seatledger.clock()
        self._registry.register(OfInstallation(seatledger, started))

    def write(self) -> None:
        """Tell all processes what this one has counted."""
        for decision, number in self._seatledger.login_counts.take().items():
            self._checks.labels(*decision).inc(number)

    def text(self) -> bytes:
        """All metrics of now, in Prometheus' text format. Raises NoInstallation, DatabaseAway."""
        self.write()
        return generate_latest(self._registry)


class OfInstallation(Collector):
    """What every process knows alike, out of the view and the log."""

    def __init__(self, seatledger: Seatledger, started: datetime) -> None:
        """`started` is when the server was started: what raised In use since then is counted."""
        self._seatledger, self._started = seatledger, started
        self._in_use_rises: InUseRises | None = None
        self._lock = Lock()

    def describe(self) -> Iterator[Metric]:
        """Nothing: to be registered, it must not ask the database."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        yield from self._of_license()
        with suppress(*database_errors(), Refused):  # while the database is away, what it alone knows is left out
            yield from (self._of_checkpoint(), self._of_in_use_rises())

    def _of_license(self) -> Iterator[Metric]:
        seatledger = self._seatledger
        on_day = seatledger.licensing.last_known(seatledger.installation_id)
        standing, day = on_day.standing, on_day.day
        stale = (seatledger.clock() - on_day.stale_since).total_seconds() if on_day.stale_since else 0.0
        yield _gauge("licenses_valid", "Licenses in force today.", on_day.valid)
        yield _gauge("users_in_use", "Users who take a license.", on_day.in_use)
        until, maintained_until = standing.covered_until, standing.maintenance_covered_until
        if until is not None:
            yield _gauge("license_days_left", "Days to the end of cover by license keys.", (until - day).days)
        if maintained_until is not None:
            days = (maintained_until - day).days
            yield _gauge("maintenance_days_left", "Days to the end of cover by maintenance.", days)
        yield _of_warnings(on_day)
        yield _gauge("history_position", "The position of the newest event.", on_day.position)
        yield _gauge("stale_seconds", "For how long the database has been away; 0 while it is there.", max(stale, 0.0))

    def _of_checkpoint(self) -> Metric:
        """Without a value before the first checkpoint."""
        seatledger = self._seatledger
        family = GaugeMetricFamily("seatledger_checkpoint_age_seconds", "The age of the newest signed checkpoint.")
        newest = seatledger.audit.newest_moment(seatledger.installation_id)
        if newest is not None:
            family.add_metric([], (seatledger.clock() - newest).total_seconds())
        return family

    def _of_in_use_rises(self) -> Metric:
        family = CounterMetricFamily(
            "seatledger_in_use_rises", "Why In use rose since the server was started.", labels=["how", "by"]
        )
        with self._lock:
            for rise, number in self._rises().counts.items():
                family.add_metric(rise, number)
        return family

    def _rises(self) -> InUseRises:
        licensing, id_ = self._seatledger.licensing, self._seatledger.installation_id
        if self._in_use_rises is None:
            self._in_use_rises = InUseRises(licensing.views.of(id_).position_as_of(self._started))
        while entries := licensing.history(id_, after=self._in_use_rises.position, limit=A_PAGE, only=TAKING):
            for entry in entries:
                self._in_use_rises.note(entry)
        return self._in_use_rises


def _of_warnings(on_day: DayView) -> Metric:
    """How many warnings of each code and stage stand; those that do not are left out."""
    family = GaugeMetricFamily(
        "seatledger_warning", "What administrators are warned of, by code and stage.", labels=["code", "stage"]
    )
    numbers = Counts((one.code, "" if one.stage is None else str(one.stage)) for one in warnings(on_day))
    for labels, number in numbers.items():
        family.add_metric(labels, number)
    return family


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(f"seatledger_{name}", documentation, value)

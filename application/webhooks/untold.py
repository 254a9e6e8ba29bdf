"""The warnings of a day that a receiver was not told: each stage of each thing once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from application.views.day_view import DayView
from application.views.warnings import DayWarning, warnings
from application.webhooks.endpoints import Webhooks


class _Known(NamedTuple):
    """The warnings of a day by their keys, as they were at a position."""

    state: tuple[int, date, date | None]
    warnings: Mapping[str, DayWarning]


class Untold:
    """Looks into the table of what was told only where something new may be: a look every few seconds costs nothing."""

    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks
        self._known: _Known | None = None
        self._keys: dict[str, set[str]] = {}
        """What each receiver was told, as far as it was asked for. What was told once stays so."""

    def of(self, receiver_id: str, now: DayView) -> list[DayWarning]:
        """The warnings of the day that this receiver was not told, the most urgent first."""
        by_key, keys = self._warnings(now), self._keys.setdefault(receiver_id, set())
        if new := by_key.keys() - keys:
            keys |= new - self._webhooks.untold(receiver_id, new)
        return [warning for key, warning in by_key.items() if key not in keys]

    def _warnings(self, now: DayView) -> Mapping[str, DayWarning]:
        """Made anew only when the log has grown or the day is another."""
        state = now.position, now.day, now.clock_day
        if self._known is None or self._known.state != state:
            self._known = _Known(state, {warning.key: warning for warning in warnings(now)})
        return self._known.warnings

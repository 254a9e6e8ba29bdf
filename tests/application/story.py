"""A story told day by day to the real use cases, on a clock that stands where the story is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from application.license_keys import LicenseKeys
from application.licensing import Licensing
from application.log import open_log
from application.views.entitlement import Entitlement
from application.views.history import Filter, HistoryEntry, HistoryPage
from application.words.history import of_effect, of_line
from application.words.language import ENGLISH
from tests.clock import TIME_ZONE, noon
from tests.examples import KEYRING, PRODUCT, a_key

ADMINISTRATOR = "admin"
TELLER = "cli:teller"


class Story:
    """An installation with the administrator `admin`, opened on the first day of 2026 if not said otherwise."""

    def __init__(self, directory: Path, day: str = "2026-01-01") -> None:
        self.now = noon(day)
        self.log = open_log(f"sqlite:///{directory / 'story.sqlite'}")
        self.licensing = Licensing(self.log, lambda: LicenseKeys(KEYRING), lambda: self.now)
        self.id_ = self.licensing.open_installation("Acme", PRODUCT, TIME_ZONE, ADMINISTRATOR, by=TELLER)

    def on(self, day: str | date | datetime) -> Story:
        """The story goes on at noon of that day, or at that moment."""
        self.now = day if isinstance(day, datetime) else noon(day)
        return self

    def register(self, **license_fields: Any) -> None:
        """Register a key for `a_license(**license_fields)`, issued now if not said otherwise."""
        license_fields.setdefault("issued_at", int(self.now.timestamp()))
        self.licensing.register_license_key(self.id_, a_key(**license_fields), by=TELLER)

    def add(self, *names: str, by: str = TELLER, **options: Any) -> None:
        for name in names:
            self.licensing.add_user(self.id_, name, by=by, **options)

    @property
    def view(self) -> Entitlement:
        return self.licensing.now(self.id_).view

    @property
    def today(self) -> date:
        return self.licensing.now(self.id_).day

    @property
    def entries(self) -> list[HistoryEntry]:
        """All events, oldest first."""
        return self.licensing.history(self.id_, limit=10_000)

    def page(self, before: int | None = None, limit: int = 1000, **wanted: Any) -> HistoryPage:
        """A page of the history, newest first."""
        filter_ = Filter.of(self.view, **wanted)
        return self.licensing.history_backwards(self.id_, before=before, limit=limit, only=filter_)

    def told(self, **options: Any) -> list[str]:
        """Day, sentence and effect of each line, newest first; calendar lines begin with a star."""
        lines = []
        for line in self.page(**options).lines:
            mark = "* " if line.calendar else ""
            effect = "; ".join(of_effect(line.effect, ENGLISH)) if line.effect else ""
            lines.append(f"{mark}{line.day} {of_line(line, self.view, ENGLISH)}{f' [{effect}]' if effect else ''}")
        return lines


@contextmanager
def telling(directory: Path, day: str = "2026-01-01") -> Iterator[Story]:
    """A story with a database in that directory."""
    story = Story(directory, day)
    try:
        yield story
    finally:
        story.licensing.close()

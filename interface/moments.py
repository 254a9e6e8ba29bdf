"""Moments as people and programs write them: RFC 3339, with an offset from UTC."""

from __future__ import annotations

import re
from datetime import datetime

EXAMPLE = "2026-04-01T09:00:00Z"

_RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def moment_from(text: str) -> datetime:
    """A moment such as EXAMPLE; parts of a microsecond are cut off. Raises ValueError."""
    if not _RFC_3339.fullmatch(text):
        raise ValueError(f"{text!r} is not a moment of RFC 3339")
    return datetime.fromisoformat(text.upper())

"""What the history tells of an installation, as people read it."""

from __future__ import annotations

from typing import Any

from application.views.history import Filter
from application.views.history_lines import HistoryPage
from application.words.history import of_effect, of_line
from application.words.language import ENGLISH
from tests.world import World


def page_of(world: World, before: int | None = None, limit: int = 1000, **wanted: Any) -> HistoryPage:
    """A page of the history, newest first."""
    filter_ = Filter.of(world.view, **wanted)
    return world.licensing.history_backwards(world.id, before=before, limit=limit, only=filter_)


def history_of(world: World, **options: Any) -> list[str]:
    """Day, sentence and effect of each line, newest first; calendar lines begin with a star."""
    lines = []
    for line in page_of(world, **options).lines:
        mark = "* " if line.calendar else ""
        effect = "; ".join(of_effect(line.effect, ENGLISH)) if line.effect else ""
        lines.append(f"{mark}{line.day} {of_line(line, world.view, ENGLISH)}{f' [{effect}]' if effect else ''}")
    return lines

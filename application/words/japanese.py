"""How Japanese spells days and lists; its words stand in the catalog."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

from application.words.language import Language


class Japanese(Language):
    """Days as 2026年4月1日, and no blank between what is enumerated."""

    full_stop: ClassVar[str] = "。"
    between_sentences: ClassVar[str] = ""

    def day(self, day: date) -> str:
        return f"{day.year}年{day.month}月{day.day}日"

    def month(self, day: date) -> str:
        return f"{day.year}年{day.month}月"

    def year(self, day: date) -> str:
        return f"{day.year}年"

    def list(self, texts: Iterable[str]) -> str:
        return "、".join(texts)

"""A language: its catalog, and how it spells days, numbers and periods. Whoever stands at the edge chooses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from gettext import NullTranslations, translation
from pathlib import Path
from typing import ClassVar

from application.words.messages import Message, Plural, message
from application.words.problems import PROBLEMS
from domain.license import Period
from domain.refusals import Problem

CATALOGS = Path(__file__).with_name("locale")
DOMAIN = "seatledger"

COUNTS = frozenset({"number", "count", "new", "present", "restored", "beyond"})
"""The facts that say how many. Other numbers are looked up or typed: a position, a port, the most that is allowed."""


@dataclass(frozen=True)
class Language:
    """A language by its tag (BCP 47), such as “en”."""

    full_stop: ClassVar[str] = "."
    between_sentences: ClassVar[str] = " "

    tag: str
    catalog: NullTranslations = field(default_factory=NullTranslations, compare=False, repr=False)

    @classmethod
    def of(cls, tag: str, catalogs: Path = CATALOGS) -> Language:
        """The language with its catalog. English is the source and needs none. Raises FileNotFoundError."""
        return cls(tag, translation(DOMAIN, catalogs, languages=[tag], fallback=tag == "en"))

    def say(self, source: Message, /, **facts: object) -> str:  # object: what `spell` takes
        """The message in this language, each fact spelled as this language spells it.

        A fact is a text, a number, a day, a moment, a Period, a Problem, a Plural, or a list of texts.
        """
        return self.text(source, facts).format_map(self.texts(facts))

    def texts(self, facts: Mapping[str, object]) -> dict[str, str]:  # object: what `spell` takes
        """Each fact as it stands in a sentence; of the numbers only those that count are grouped (COUNTS).

        A day stands there once more as `{day_typed}`, for a command that is to be typed: that is the same everywhere.
        """
        typed = {f"{name}_typed": str(fact) for name, fact in facts.items() if isinstance(fact, str | date)}
        return typed | {
            name: self.number(fact) if name in COUNTS and isinstance(fact, int) else self.spell(fact, facts)
            for name, fact in facts.items()
        }

    def text(self, source: Message, facts: Mapping[str, object]) -> str:  # object: what `spell` takes
        """The message in this language with its placeholders; a Plural is chosen by the fact `number`."""
        if isinstance(source, Plural):
            number = facts["number"]
            return self.catalog.ngettext(source.one, source.other, number if isinstance(number, int) else 0)
        return self.catalog.gettext(source)

    def spell(self, fact: object, facts: Mapping[str, object]) -> str:  # object: what `spell` takes
        """A fact as it stands in a sentence."""
        match fact:
            case str():
                return fact
            case Period():
                return self.period(fact)
            case Problem():
                return self.clause(fact)
            case Plural():
                return self.say(fact, **facts)
            case datetime():
                return self.moment(fact)
            case date():
                return self.day(fact)
            case list() | tuple():
                return self.list(map(str, fact))
        return str(fact)

    def clause(self, problem: Problem) -> str:
        """What is wrong, as it stands after a colon."""
        return self.say(PROBLEMS[problem.code], **problem.facts)

    def day(self, day: date) -> str:
        return day.isoformat()

    def month(self, day: date) -> str:
        return day.isoformat()[:7]

    def year(self, day: date) -> str:
        return day.isoformat()[:4]

    def moment(self, moment: datetime) -> str:
        """To the second, with its distance from UTC: on a night of a clock change, a time may be there twice."""
        return self.say(
            message("{day} at {time}"), day=moment.date(), time=moment.isoformat(timespec="seconds").partition("T")[2]
        )

    def period(self, period: Period | None) -> str:
        """The days of a period in words: the one place that spells one in a sentence."""
        if period is None:
            return self.say(message("none"))
        if period.end is None:
            return self.say(message("from {start}, without end"), start=period.start)
        return self.say(message("{start} to {end}"), start=period.start, end=period.end)

    def count(self, number: int, noun: Plural) -> str:
        """A number with its noun, such as “1 user” and “2 users”."""
        return self.say(noun, number=number)

    def number(self, number: int) -> str:
        """A number of things, its thousands apart, as nobody can misread it. Never one that is typed or looked up."""
        return f"{number:,}"

    def sentence(self, text: str) -> str:
        """The text with its full stop, if it has none."""
        return text if text.endswith(self.full_stop) else text + self.full_stop

    def first_sentence(self, text: str) -> str:
        """The first sentence of several, without its full stop."""
        return text.partition(f"{self.full_stop}{self.between_sentences}")[0].rstrip(self.full_stop)

    def sentences(self, texts: Iterable[str]) -> str:
        """Whole sentences, one after the other."""
        return self.between_sentences.join(texts)

    def list(self, texts: Iterable[str]) -> str:
        return ", ".join(texts)


ENGLISH = Language("en")

"""No text that people read stands in a template: each is a message of the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[3] / "interface" / "web" / "templates"

JINJA = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)

READABLE = ("title", "aria-label", "aria-description", "placeholder", "alt", "data-copied")
"""The attributes whose values people read or hear."""

NAMES = ("Seatledger",)
"""What is called so in every language."""

TEXT_HANDED_ON = re.compile(r"""(["'])(?:(?!\1).)*?[A-Za-z“]{2,}[,.:]? [a-z“]{2,}(?:(?!\1).)*\1""")
"""A literal of two words and more; in Jinja it is the argument of `say` or `plural`, or it has escaped."""


def outside_the_catalog(template: str) -> Iterator[str]:
    """The texts and readable attributes with a letter, once the parts that Jinja fills in are taken out."""
    bare = JINJA.sub(" ", template)
    for tag in re.findall(r"<[^<>]*>", bare):
        for name, value in re.findall(r"""([\w-]+)\s*=\s*"([^"]*)\"""", tag):
            if name in READABLE and has_letters(value):
                yield f"{name}={value!r}"
    for text in re.split(r"<[^<>]*>", bare):
        if has_letters(text):
            yield " ".join(text.split())


def escaped_in_jinja(template: str) -> Iterator[str]:
    """Sentences that stand within Jinja's own parts, but not as the argument of `say` or `plural`."""
    for part in JINJA.findall(template):
        if part.startswith("{#"):
            continue
        for found in TEXT_HANDED_ON.finditer(re.sub(r"(say|plural)\((?:\s*(\"[^\"]*\"|'[^']*'),?)+", r"\1(", part)):
            yield found[0]


def has_letters(text: str) -> bool:
    for name in NAMES:
        text = text.replace(name, "")
    return any(letter.isalpha() for letter in re.sub(r"&\w+;", "", text))


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_text_of_a_template_stands_outside_the_catalog(path: Path) -> None:
    template = path.read_text(encoding="utf-8")
    assert [*outside_the_catalog(template), *escaped_in_jinja(template)] == []


def test_what_escapes_is_found() -> None:
    template = (
        '{# A comment. #}<p title="A title" class="a class">Some {{ say("said text") }} text</p>\n'
        '<b aria-label="{{ say("A label") }}">{{ number }}: Seatledger</b>{{ "one period" if one }}{% set x = a ~ "b" %}'
    )
    assert list(outside_the_catalog(template)) == ["title='A title'", "Some text"]
    assert list(escaped_in_jinja(template)) == ['"one period"']

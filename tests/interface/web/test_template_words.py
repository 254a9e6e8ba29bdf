"""No text that people read stands in a template: each is a message of the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from markupsafe import Markup

from application.views.history import EVENTS
from application.words.language import ENGLISH
from application.words.messages import plural
from interface.web import caller
from interface.web.audit.history import KINDS
from interface.web.words import say

TEMPLATES = Path(__file__).parents[3] / "interface" / "web" / "templates"

JINJA = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)

READABLE = ("title", "aria-label", "aria-description", "placeholder", "alt", "data-copied")
"""The attributes whose values people read or hear."""

NAMES = ("Seatledger",)
"""What is called so in every language."""

MARKS = ("say", "plural")
"""What a text is handed to that people read."""


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
    """Literals within Jinja's own parts that look like a text but are not handed to `say` or `plural`."""
    tree = Environment(autoescape=True).parse(template)
    said = {
        id(argument)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in MARKS
        for argument in call.args
    }
    for literal in tree.find_all(nodes.Const):
        is_text = isinstance(literal.value, str) and re.search(r"^\W*[A-Z]|[A-Za-z]{2,}[,.:]? [a-z]{2,}", literal.value)
        if is_text and id(literal) not in said:
            yield literal.value


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
        '<b aria-label="{{ say("A label") }}">{{ number }}: Seatledger</b>\n'
        '{{ "one period" if one }}{% set x = part("Delete", "key-id", say(plural("{number} day", "{number} days"))) %}'
    )
    assert list(outside_the_catalog(template)) == ["title='A title'", "Some text"]
    assert list(escaped_in_jinja(template)) == ["one period", "Delete"]


def test_a_fact_is_escaped_and_the_message_is_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "language", lambda: ENGLISH)  # no request is there that could ask for one
    assert say("<b>{name}</b> & {sign}", name="<i>", sign=Markup("<hr>")) == Markup("<b>&lt;i&gt;</b> & <hr>")
    days = plural("{number} day", "{number} days")
    assert [say(days, number=number) for number in (1, 2)] == ["1 day", "2 days"]


def test_every_kind_of_event_has_a_label() -> None:
    assert tuple(KINDS) == EVENTS

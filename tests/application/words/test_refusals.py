"""Every refusal and every problem has its words, made from the facts that are given where it is raised."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import application
import domain
import interface
from application.words.language import ENGLISH, Language
from application.words.messages import Message, Plural
from application.words.problems import PROBLEMS
from application.words.refusals import SENTENCES, sentence
from domain.refusals import KeyRefused, LoginNameInvalid, Problem, Refused

ROOT = Path(__file__).parents[3]
PACKAGES = (domain, application, interface)
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package.__name__).rglob("*.py"))]
CALLS = [
    (path, node)
    for path in SOURCES
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
]
"""Every call of a name in the product's source, read once."""

WHAT_TO_DO = (
    "ask the vendor",
    "paste the",
    "copy",
    "update",
    "tell the vendor",
    "needs a newer version",
    "check the machine",
)


def every_refusal() -> set[type[Refused]]:
    """All classes under Refused, wherever they stand."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)

    def under(kind: type[Refused]) -> Iterator[type[Refused]]:
        for sub in kind.__subclasses__():
            yield sub
            yield from under(sub)

    return {kind for kind in under(Refused) if kind.__module__.split(".")[0] in ("domain", "application", "interface")}


REFUSALS = {kind.__name__: kind for kind in sorted(every_refusal(), key=lambda kind: kind.__name__)}


def placeholders(said: Message) -> set[str]:
    texts = said if isinstance(said, Plural) else (said,)
    return {name.removesuffix("_typed") for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    """Every call of this name."""
    return ((path, call) for path, call in CALLS if isinstance(call.func, ast.Name) and call.func.id == name)


def facts_given(call: ast.Call) -> set[str] | None:
    """The names of the facts of a call; None if they are passed on as they came."""
    names = {keyword.arg for keyword in call.keywords}
    return None if None in names else {name for name in names if name}


def test_every_refusal_has_a_sentence() -> None:
    said = {key.split(".")[0] for key in SENTENCES}
    codes = {kind.code for kind in REFUSALS.values() if hasattr(kind, "code")}
    assert codes <= said
    keys = {_key_of(kind) for kind in REFUSALS.values() if hasattr(kind, "code")}
    assert {key for key in keys if not key.endswith(".")} <= set(SENTENCES)


def _key_of(kind: type[Refused]) -> str:
    """Its key; with a dot at its end if that depends on a fact."""
    bare = kind.__new__(kind)
    bare.facts = {}
    try:
        return bare.says
    except KeyError:
        return f"{kind.code}."


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_every_refusal_is_raised_with_the_facts_that_its_sentence_is_made_from(name: str) -> None:
    kind = REFUSALS[name]
    for path, call in calls(name):
        facts = facts_given(call)
        if facts is None or not hasattr(kind, "code") or call.args:
            continue
        for key, said in SENTENCES.items():
            if key == _key_of(kind) or (_key_of(kind).endswith(".") and key.startswith(_key_of(kind))):
                assert placeholders(said) <= facts, f"{path}:{call.lineno}"


def test_every_problem_has_a_clause_made_from_its_facts() -> None:
    for path, call in calls("Problem"):
        code = call.args[0]
        if not isinstance(code, ast.Constant):
            continue
        where = f"{path}:{call.lineno}: {code.value}"
        assert code.value in PROBLEMS, where
        facts = facts_given(call)
        assert facts is None or placeholders(PROBLEMS[str(code.value)]) <= facts, where


def test_no_clause_is_left_over() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES if path.name != "problems.py")
    assert [code for code in PROBLEMS if f'"{code}"' not in source] == []


@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_is_whole_and_shows_its_facts_as_they_are(key: str) -> None:
    facts: dict[str, object] = {name: f"{{{name}}}" for name in placeholders(SENTENCES[key])}
    said = ENGLISH.say(SENTENCES[key], **facts)
    assert all(f"{{{name}}}" in said for name in facts)
    assert said.rstrip("}").endswith((".", "problem", "message", "shown"))


@pytest.mark.parametrize("refusal", [r for r in REFUSALS.values() if issubclass(r, KeyRefused) and r is not KeyRefused])
def test_k7_every_refusal_of_a_key_says_what_to_do(refusal: type[Refused]) -> None:
    text = SENTENCES[refusal.code]
    assert isinstance(text, str)
    assert any(advice in text.lower() for advice in WHAT_TO_DO)


def test_a_refusal_is_told_in_the_language_that_is_asked_for() -> None:
    """The catalog's form of both the sentence and the clause in it."""

    class Shouting(type(ENGLISH.catalog)):  # type: ignore[misc]  # gettext's own class, whatever it is
        def gettext(self, message: str) -> str:
            return re.sub(r"[a-z ]+(?![^{]*})", lambda found: found[0].upper(), message)

    loud = Language("en-x-loud", Shouting())
    refused = LoginNameInvalid(problem=Problem("too_many_characters", length=201, most=200))
    assert sentence(refused, ENGLISH) == (
        "The login name is not valid: it has 201 characters, and at most 200 are allowed."
    )
    assert sentence(refused, loud) == "THE LOGIN NAME IS NOT VALID: IT HAS 201 CHARACTERS, AND AT MOST 200 ARE ALLOWED."

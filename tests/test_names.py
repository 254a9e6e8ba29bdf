"""Names say what a thing is, in docs/glossary.md's words: as far as a machine can tell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = [path for package in ("domain", "application", "interface") for path in (ROOT / package).rglob("*.py")]

PARTICIPLES = frozenset(
    (
        "asked",
        "called",
        "chosen",
        "counted",
        "done",
        "drawn",
        "found",
        "given",
        "got",
        "kept",
        "made",
        "meant",
        "said",
        "sampled",
        "seen",
        "spelled",
        "told",
        "wanted",
    )
)
"""They say what was done with a thing, and leave out what it is."""

ELSEWHERE = {
    "seat": "In use or Valid",
    "seats": "In use or Valid",
    "tenant": "installation",
    "licence": "license",
    "manager": "what it does",
    "service": "what it does",
    "helper": "what it does",
    "util": "what it does",
    "utils": "what it does",
    "impl": "what it is",
}
"""Words that the glossary has another one for."""


def names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that code binds, with its line: variables, arguments, functions, classes, fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node.lineno


def words(name: str) -> list[str]:
    return [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_name_is_a_bare_participle_or_a_word_that_the_glossary_replaces(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    for name, line in names(ast.parse(path.read_text(encoding="utf-8"))):
        is_participle = name.strip("_").lower() in PARTICIPLES
        assert not is_participle, f"{place}:{line}: “{name}” says what was done, not what it is"
        for word in words(name):
            assert word not in ELSEWHERE, f"{place}:{line}: “{name}”: the glossary says {ELSEWHERE[word]}"


def test_modules_are_named_by_nouns_of_their_subject() -> None:
    for path in PRODUCT:
        assert path.stem not in ("base", "common", "misc")
        assert not (ELSEWHERE.keys() | PARTICIPLES).intersection(words(path.stem)), path


def glossary() -> dict[str, str]:
    """Each word of the glossary's first column, and what it is not."""
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([^|]*)\|$", (ROOT / "docs/glossary.md").read_text(), re.MULTILINE)
    return {word.strip(): other.strip() for word, other in rows if word.strip() not in ("word", "---")}


def test_the_glossary_and_this_test_speak_of_the_same_words() -> None:
    """Every class that the glossary names exists, and what it forbids by name is forbidden here."""
    text = (ROOT / "docs/glossary.md").read_text()
    classes = {name for path in PRODUCT for name, _ in names(ast.parse(path.read_text(encoding="utf-8")))}
    assert set(re.findall(r"`([A-Z][A-Za-z]+)`", text)) <= classes
    assert "seats" in glossary()["Valid, In use, Available"]
    assert "tenant" in glossary()["Installation"]

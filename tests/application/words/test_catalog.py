"""The catalog: its template holds every message, a language's catalog is used, and no literal escapes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from application.words.language import DOMAIN, ENGLISH, Language
from application.words.messages import message, plural
from application.words.refusals import sentence
from domain.refusals import LoginNameInvalid, Problem
from tests.loud import TEMPLATE, catalog, shouted

ROOT = Path(__file__).parents[3]
METHODS = [("cli/**.py", "tests.help_messages:extract"), ("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {"say": None, "message": None, "plural": (1, 2)}

MARKS = ("say", "message", "plural")
"""What a text is handed to that people read."""

OTHER_CALLS = (
    "Header",
    "Markup",
    "Finding",
    "ValueError",
    "TypeError",
    "DataError",
    "SnapshotUnfit",
    "error",
    "info",
    "warning",
    "exception",
)
"""What a header means to programmers, as OpenAPI says it; markup;
findings, in English as the verifier's; what only a programmer meets in a traceback; the operator's log."""

NOT_FOR_PEOPLE = (
    "application/proof/verify_export.py",
    "application/views/replay.py",
    "interface/metrics.py",
    "interface/web/gateway/answer_schemas.py",
    "interface/web/gateway/openapi.py",
)
"""The verifier is one file without a catalog, in English, on purpose (ADR 22); a replay adds findings to its own. What
metrics mean is said to whoever runs the machine, in Prometheus, and what the API means to programmers."""

NOT_OURS = (
    "erased person ",
    "no such table",
    'Bearer realm="seatledger"',
    "Demo gateway",
    "the server did not answer within ",
    "what came is no HTTP",
    "the server's PostgreSQL is older than ",
    "positions are versions; nobody follows this log by the library's notifications",
)
"""What stands for an erased name, alike for people and programs (P2); what a database says, by which we know what it
means; what RFC 6750 says; a name that the demo gives, as its users have names; what we say in the place of a server and
its driver, whose words are English; what only a programmer meets."""


def extracted() -> set[str]:
    found: set[str] = set()
    for package in ("domain", "application", "interface"):
        for _, _, said, _, _ in extract_from_dir(ROOT / package, METHODS, keywords=KEYWORDS):
            found.add(said[0] if isinstance(said, tuple) else said)
    return found


def test_the_template_holds_every_message() -> None:
    """If this fails, run `make words`."""
    template = read_po(BytesIO(TEMPLATE.read_bytes()))
    known = {entry.id[0] if isinstance(entry.id, tuple) else entry.id for entry in template if entry.id}
    assert known == extracted()


@pytest.fixture
def loud(tmp_path: Path) -> Language:
    """The loud language, from a catalog in a directory."""
    directory = tmp_path / "en" / "LC_MESSAGES"
    directory.mkdir(parents=True)
    (directory / f"{DOMAIN}.mo").write_bytes(catalog(shouted))
    return Language.of("en", tmp_path)


def test_a_languages_catalog_is_used_for_sentences_clauses_and_plurals(loud: Language) -> None:
    refused = LoginNameInvalid(problem=Problem("too_many_characters", length=201, most=200))
    assert sentence(refused, ENGLISH).endswith("it has 201 characters, and at most 200 are allowed.")
    assert sentence(refused, loud).endswith("IT HAS 201 CHARACTERS, AND AT MOST 200 ARE ALLOWED.")
    users = plural("{number} user", "{number} users")
    assert [loud.count(number, users) for number in (1, 2)] == ["1 USER", "2 USERS"]


def test_a_language_without_a_catalog_is_an_error_and_not_english() -> None:
    with pytest.raises(FileNotFoundError):
        Language.of("xx")


def test_a_message_is_given_unchanged_by_its_mark() -> None:
    assert message("{a} text") == "{a} text"


def literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Texts of two words and more that stand in the code and are no docstring, no log line, no message."""
    exempt: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            exempt.add(id(node.value))
        if isinstance(node, ast.keyword) and node.arg == "help":
            exempt.add(id(node.value))  # extracted as it stands: see tests/help_messages.py
        if isinstance(node, ast.Call) and _is_exempt(node.func):
            exempt |= {id(inner) for argument in (*node.args, *node.keywords) for inner in ast.walk(argument)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in exempt
        if is_text and re.search(r"[A-Za-z“]{2,}[,:]? [a-z“]{2,}", node.value):
            yield node.lineno, node.value


def _is_exempt(function: ast.expr) -> bool:
    """Messages; what only a programmer meets in a traceback; what goes to the operator's log."""
    name = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    return name in (*MARKS, *OTHER_CALLS)


def is_sql(text: str) -> bool:
    return (
        re.search(
            r"\b(SELECT|INSERT|CREATE|PRAGMA|UPDATE|DELETE|WITH|BEGIN|ORDER|AND|PRIMARY|WHERE|SET|DROP|GRANT|LOCK|VACUUM|ANALYZE|EXECUTE|"
            r"FOR EACH)\b|EXISTS",
            text,
        )
        is not None
    )


def is_ours_alone(text: str) -> bool:
    """SQL, an element of SVG or HTML, what a database says."""
    return is_sql(text) or re.fullmatch(r"<.*>", text, re.DOTALL) is not None or text in NOT_OURS


def test_no_literal_that_people_read_stands_outside_the_catalog() -> None:
    escaped = []
    for package in ("domain", "application", "interface"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name in NOT_FOR_PEOPLE:
                continue
            found = literals(ast.parse(path.read_text(encoding="utf-8")))
            escaped += [f"{name}:{line}: {text!r}" for line, text in found if not is_ours_alone(text)]
    assert escaped == []

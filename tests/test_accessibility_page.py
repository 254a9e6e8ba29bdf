"""docs/accessibility.md holds: every criterion of WCAG 2.2, A and AA, stands there once, and what it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/accessibility.md").read_text(encoding="utf-8")

CRITERIA = """
    1.1.1 1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.3.3 1.3.4 1.3.5 1.4.1 1.4.2 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11
    1.4.12 1.4.13 2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2 2.4.3 2.4.4 2.4.5 2.4.6 2.4.7 2.4.11 2.5.1 2.5.2
    2.5.3 2.5.4 2.5.7 2.5.8 3.1.1 3.1.2 3.2.1 3.2.2 3.2.3 3.2.4 3.2.6 3.3.1 3.3.2 3.3.3 3.3.4 3.3.7 3.3.8 4.1.2 4.1.3
"""

ROWS = re.findall(r"^\| (\d\.\d\.[\d., ]*) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)


def test_every_criterion_stands_there_once_in_its_order() -> None:
    assert [number for numbers, *_ in ROWS for number in numbers.split(", ")] == CRITERIA.split()
    assert {answer for _, answer, _ in ROWS} <= {"yes", "partly", "n/a"}


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(test_\w+)`", PAGE))))
def test_every_test_that_it_names_exists(name: str) -> None:
    assert any(f"def {name}(" in path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(tests/[\w/.]+)`", PAGE))))
def test_every_file_that_it_names_exists(name: str) -> None:
    assert (ROOT / name).is_file()


def test_pasting_is_left_to_the_browser() -> None:
    """Into passwords and codes as well: no script of the pages listens to it."""
    static = ROOT / "interface/web/static"
    assert not [path.name for path in static.glob("*.js") if "paste" in path.read_text(encoding="utf-8")]
    pages = (ROOT / "interface/web/templates").rglob("*.html")
    assert not [path.name for path in pages if "onpaste" in path.read_text(encoding="utf-8")]

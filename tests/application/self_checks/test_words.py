"""Every finding has its words, made from the facts that are given where it is made, and no words are left over."""

from __future__ import annotations

import ast
from pathlib import Path
from string import Formatter

from application.words.findings import FINDINGS

ROOT = Path(__file__).parents[3]
SOURCES = [*(ROOT / "application" / "self_checks").glob("*.py"), ROOT / "interface" / "cli" / "doctor.py"]
MAKERS = ("alarm", "warning", "tell")

MADE = [
    (str(call.args[0].value), {keyword.arg for keyword in call.keywords})
    for path in SOURCES
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(call, ast.Call)
    and isinstance(call.func, ast.Name)
    and call.func.id in MAKERS
    and isinstance(call.args[0], ast.Constant)
]
BY_A_NAME = {
    "store_went_back": {"position", "noticed_at"},
    "newest_event_altered": {"position", "noticed_at"},
    "pepper_unusable": {"problem"},
    "erased_list_unusable": {"path", "reason"},
}
"""Made with a code that is chosen before, or that is a refusal's."""


def test_every_finding_has_words_made_from_its_facts() -> None:
    assert len(MADE) > 15
    for code, facts in (*MADE, *BY_A_NAME.items()):
        for said in FINDINGS[code]:
            assert isinstance(said, str)
            assert {name.removesuffix("_typed") for _, name, _, _ in Formatter().parse(said) if name} <= facts, code


def test_no_words_are_left_over() -> None:
    assert set(FINDINGS) == {code for code, _ in MADE} | set(BY_A_NAME)

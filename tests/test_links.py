"""Every link of the documents leads to a page that is there, and to a section of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])


def sections(page: Path) -> set[str]:
    """What a link can name behind “#”, as GitHub makes it of a heading."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_link_leads_somewhere(page: Path) -> None:
    for path, section in re.findall(r"\]\((?!https?:)([^)# ]*)#?([^) ]*)\)", page.read_text(encoding="utf-8")):
        there = (page.parent / path) if path else page
        assert there.exists(), path
        assert not section or section in sections(there), f"{path}#{section}"

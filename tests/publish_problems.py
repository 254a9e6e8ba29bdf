"""Writes docs/problems.md and the table of codes in docs/api.md anew: `python -m tests.publish_problems`.

Both, and the pages under /problems, say what application/words/problem_types.py says.
"""

from __future__ import annotations

import re
from pathlib import Path

from application.words.language import ENGLISH
from application.words.problem_types import PROBLEM_TYPES
from domain.refusals import KeyRefused
from interface.web.gateway.problem_types import BY_CODE

DOCS = Path(__file__).parents[1] / "docs"

OF_KEYS = {kind.code for kind in KeyRefused.__subclasses__()}

HEAD = """# Problems

What programs can be refused with, by the `code` of the problem document ([Errors](api.md#errors)). Its `type` leads to
the same on the installation itself, `/problems/CODE`, which asks nobody to sign in. This page is made:
`python -m tests.publish_problems` writes it out of `application/words/problem_types.py`.
"""

TABLE = re.compile(r"(?<=\| status \| `code` \| \|\n\|---\|---\|---\|\n)(?:\|.*\n)+")


def page() -> str:
    """docs/problems.md."""
    return "\n".join([HEAD, *map(_section, PROBLEM_TYPES)])


def with_table(document: str) -> str:
    """docs/api.md with its table of codes, by status; those of license keys are listed where keys are registered."""
    codes = sorted((code for code in PROBLEM_TYPES if code not in OF_KEYS), key=BY_CODE.__getitem__)
    rows = [f"| {BY_CODE[code]} | `{code}` | {ENGLISH.say(PROBLEM_TYPES[code].when)} |\n" for code in codes]
    at = next(number for number, code in enumerate(codes) if BY_CODE[code] > 422)
    rows.insert(at, "| 422 | the codes of license keys | See above |\n")
    return TABLE.sub(lambda _: "".join(rows), document, count=1)


def _section(code: str) -> str:
    kind = PROBLEM_TYPES[code]
    title, when, to_do = map(ENGLISH.say, kind)
    return f"## {code}\n\n**{title}** (status {BY_CODE[code]}). {_sentence(when)}\n\nWhat to do: {_sentence(to_do)}\n"


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


if __name__ == "__main__":
    (DOCS / "problems.md").write_text(page(), encoding="utf-8")
    api = DOCS / "api.md"
    api.write_text(with_table(api.read_text(encoding="utf-8")), encoding="utf-8")

"""docs/security.md holds: every requirement of ASVS 5.0.0 level 1 and 2 is there, and what it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
PRODUCT = [path for package in ("domain", "application", "interface") for path in (ROOT / package).rglob("*.py")]

ANSWERS = {"yes", "partly", "not yet", "you", "n/a"}

LEVEL_3 = frozenset(
    re.findall(
        r"\S+",
        """
        1.2.10 1.3.12 1.5.3 2.3.5 2.4.2 3.1.1 3.2.3 3.3.5 3.4.7 3.4.8 3.5.6 3.5.7 3.5.8 3.6.1 3.7.3 3.7.4 3.7.5
        4.1.4 4.1.5 4.2.2 4.2.3 4.2.4 4.2.5 5.2.4 5.2.5 5.2.6 5.3.3 6.3.5 6.3.6 6.3.7 6.3.8 6.4.5 6.4.6 6.5.6
        6.5.7 6.5.8 6.6.4 6.7.1 6.7.2 7.5.3 8.1.3 8.1.4 8.2.4 8.3.2 8.3.3 8.4.2 11.1.3 11.1.4 11.2.4 11.2.5
        11.3.4 11.3.5 11.5.2 11.6.2 11.7.1 11.7.2 12.1.4 12.1.5 12.3.5 13.1.2 13.1.3 13.1.4 13.2.6 13.3.3 13.3.4
        13.4.6 13.4.7 14.2.5 14.2.6 14.2.7 14.2.8 15.1.4 15.1.5 15.2.4 15.2.5 15.4.1 15.4.2 15.4.3 15.4.4 16.5.4
        """,
    )
)

IN_EACH_SECTION = dict(
    re.findall(
        r"(\S+):(\d+)",
        """
        1.1:2 1.2:10 1.3:12 1.4:3 1.5:3 2.1:3 2.2:3 2.3:5 2.4:2 3.1:1 3.2:3 3.3:5 3.4:8 3.5:8 3.6:1 3.7:5 4.1:5
        4.2:5 4.3:2 4.4:4 5.1:1 5.2:6 5.3:3 5.4:3 6.1:3 6.2:12 6.3:8 6.4:6 6.5:8 6.6:4 6.7:2 6.8:4 7.1:3 7.2:4
        7.3:2 7.4:5 7.5:3 7.6:2 8.1:4 8.2:4 8.3:3 8.4:2 9.1:3 9.2:4 11.1:4 11.2:5 11.3:5 11.4:4 11.5:2 11.6:2
        11.7:2 12.1:5 12.2:2 12.3:5 13.1:4 13.2:6 13.3:4 13.4:7 14.1:2 14.2:8 14.3:3 15.1:5 15.2:5 15.3:7 15.4:4
        16.1:1 16.2:5 16.3:4 16.4:3 16.5:4
        """,
    )
)
"""How many requirements a section of ASVS 5.0.0 has; chapters 10 and 17 do not apply as a whole."""

ROWS = re.findall(r"^\| (\d[\d., ]*) \| ([^|]+) \| ([^|]+) \|([^|]*)\|$", PAGE, re.MULTILINE)


def test_every_requirement_of_level_1_and_2_stands_there_once_in_its_order() -> None:
    listed = [number for numbers, *_ in ROWS for number in numbers.split(", ")]
    counted = {f"{section}.{n}" for section, many in IN_EACH_SECTION.items() for n in range(1, int(many) + 1)}
    assert counted >= LEVEL_3
    assert sorted(listed) == sorted(counted - LEVEL_3)


def test_every_requirement_is_answered_and_shown_or_explained() -> None:
    for numbers, short, answer, how in ROWS:
        assert short.strip(), numbers
        assert answer in ANSWERS, numbers
        assert how.strip() or answer in ("n/a", "not yet"), numbers


NAMED = sorted(set(re.findall(r"`([A-Za-z_./0-9-]+/[A-Za-z_.0-9-]+\.[a-z]+|[a-z]+\.(?:txt|toml))(?:::(\w+))?`", PAGE)))


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("path", "test"), [named for named in NAMED if not named[0].startswith("/")])
def test_what_the_page_names_exists(path: str, test: str) -> None:
    assert (ROOT / path).is_file()
    assert not test or test in functions_of(path)


def test_the_page_names_tests_with_their_files() -> None:
    assert len([test for _, test in NAMED if test]) > 80
    assert PAGE.count("::") == len(re.findall(r"\.py::test_\w+`", PAGE))


def imported_and_called(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(f"{node.func.id}()")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found.add(f".{node.func.attr}()")
    return found


RUN_OR_EVALUATE = {
    *("subprocess", "pty", "ctypes", "pickle", "marshal", "shelve", "yaml", "code", "runpy"),
    *("eval()", "exec()", "compile()", "__import__()", ".system()", ".popen()", ".spawnv()", ".execv()", ".execve()"),
}

ALLOWED = {"application/credentials/hashing.py": {"subprocess"}}
"""It starts a file of ours with Python itself: nothing in the command comes from outside."""

CONNECT = {
    *("http.client", "urllib.request", "requests", "httpx", "aiohttp", "urllib3", "smtplib", "ftplib", "xmlrpc.client"),
    ".create_connection()",
    ".connect_ex()",
}


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_product_runs_no_program_and_evaluates_no_text(path: Path) -> None:
    assert imported_and_called(path) & RUN_OR_EVALUATE == ALLOWED.get(path.relative_to(ROOT).as_posix(), set())


ASKS = {
    "interface/server.py",
    "application/webhooks/posting.py",
    "application/webhooks/targets.py",
    "application/mail/sending.py",
}
"""`serve` looks whether its own port answers before it is ready; webhooks and mail go where somebody said."""


def test_the_product_opens_no_connection_but_for_webhooks_and_mail() -> None:
    connecting = {path.relative_to(ROOT).as_posix() for path in PRODUCT if imported_and_called(path) & CONNECT}
    with_sockets = {path.relative_to(ROOT).as_posix() for path in PRODUCT if "socket" in imported_and_called(path)}
    assert connecting | with_sockets == ASKS

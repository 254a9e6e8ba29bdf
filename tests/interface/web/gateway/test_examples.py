"""Every example of docs/api.md, run as it is written: with the scope that it names, and without."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from domain.installation import SCOPES
from domain.refusals import KeyMalformed
from interface.web.gateway import ROUTES, problems, replay
from tests.examples import a_key, a_period, seconds
from tests.interface.cli.processes import PATIENCE, serving
from tests.refused import refused
from tests.world import World

PAGE = (Path(__file__).parents[4] / "docs" / "api.md").read_text(encoding="utf-8")
ADDRESS = "127.0.0.1:8000"
"""Where the page's server listens; ours takes a free port."""

LICENSE: dict[str, Any] = {  # Any: the fields of a license
    "license_period": a_period(end="2126-03-31"),
    "maintenance_period": a_period(end="2126-03-31"),
    "optional_products": (),
    "issued_at": seconds("2026-03-15T09:00:00+00:00"),
}

CURLRC = 'silent\nshow-error\nwrite-out = "\\n%{http_code}\\n"\n'
"""So that the examples stay as they are: each answer is followed by its status."""

BLOCK = re.compile(r"^```sh\n# scopes?: ([a-z, -]+)\n(.*?)^```\n(?:```json\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """Lines for a shell, the scopes that their token needs, and the answer that the page shows, if it shows one."""

    text: str
    alternatives: tuple[tuple[str, ...], ...]
    """Of each of these the token needs one."""
    shown: str

    @property
    def scopes(self) -> tuple[str, ...]:
        return tuple(first for first, *_ in self.alternatives)

    @property
    def count(self) -> int:
        """How many requests it makes."""
        return len(re.findall(r"^curl ", self.text, re.MULTILINE))


EXAMPLES = [
    Example(text, tuple(tuple(one.split(" or ")) for one in scopes.split(", ")), shown)
    for scopes, text, shown in BLOCK.findall(PAGE)
]


@dataclass(frozen=True)
class Served:
    """A server with users, and a shell beside it."""

    port: int
    directory: Path
    tokens: dict[tuple[str, ...], str]

    def answers(self, example: Example, *scopes: str) -> list[tuple[int, Any]]:
        """Status and JSON of each request of an example, with a token of these scopes."""
        done = subprocess.run(
            ["sh", "-e", "-c", example.text.replace(ADDRESS, f"127.0.0.1:{self.port}")],
            env={
                "PATH": os.environ["PATH"],
                "CURL_HOME": str(self.directory),
                "TOKEN": self.tokens[scopes],
                "KEY": a_key(**LICENSE),
            },
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), example.text
        *answers, rest = re.split(r"\n(\d{3})\n", done.stdout)
        assert rest == ""
        return [(int(status), json.loads(body)) for body, status in zip(answers[::2], answers[1::2], strict=True)]


def lacking(example: Example) -> Iterator[tuple[str, ...]]:
    """For each scope that an example names: all scopes but this one, and `audit`, which may ask every GET."""
    for enough in example.alternatives:
        yield tuple(each for each in SCOPES if each not in (*enough, "audit"))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "secret.key").write_bytes(b"a secret of the tests, 32 bytes!")
    (tmp_path / "secret.key").chmod(0o600)
    (tmp_path / ".curlrc").write_text(CURLRC)
    with World(tmp_path).open() as world:
        world.add("alice", "bob")
        world.register(edition="Trial", **LICENSE)
        with refused(KeyMalformed):
            world.register("what the history's example shows at position 7")
        scopes = {each for example in EXAMPLES for each in (example.scopes, *lacking(example))}
        tokens = {each: world.do("create_token", "Example", each).text for each in sorted(scopes)}
        environment = {**world.environment, "SEATLEDGER_SECRET_KEY_FILE": str(tmp_path / "secret.key")}
        environment["SEATLEDGER_SNAPSHOT_HOURS"] = "24"
    with serving(environment, "serve", "--workers", "1") as server:
        server.until("http://")
        yield Served(server.port, tmp_path, tokens)


def assert_shown(shown: Any, answered: Any) -> None:
    """That an answer has the members that the page shows of it; “...” stands for others."""
    if isinstance(shown, dict):
        wanted = shown.keys() - {"..."}
        assert wanted <= answered.keys()
        assert "..." in shown or wanted == answered.keys()
        for name in wanted:
            assert_shown(shown[name], answered[name])
    elif isinstance(shown, list):
        assert bool(shown) == bool(answered)
        for each in answered:
            assert_shown(shown[0], each)


def test_every_example_does_what_the_page_says_with_the_scope_that_it_names(served: Served) -> None:
    for example in EXAMPLES:
        answers = served.answers(example, *example.scopes)
        assert [status for status, _ in answers if status not in (200, 201)] == [], (example.text, answers)
        assert len(answers) == example.count
        if example.shown:
            assert_shown(json.loads(example.shown), answers[0][1])


def test_every_example_is_refused_without_a_scope_that_it_names(served: Served) -> None:
    for example in EXAMPLES:
        for scopes in lacking(example):
            answers = served.answers(example, *scopes)
            assert [(status, answer["code"]) for status, answer in answers] == [
                (403, "scope_missing")
            ] * example.count, example.text


def test_every_line_with_curl_is_an_example() -> None:
    assert PAGE.count("curl ") == sum(example.count for example in EXAMPLES)


def test_every_route_but_those_without_a_token_has_an_example() -> None:
    texts = "".join(example.text for example in EXAMPLES)
    for route in ROUTES:
        if route.scopes is not None:
            path = re.escape(f"http://{ADDRESS}{route.path}").replace("<login_name>", r"\w+")
            assert re.search(rf"{path}[\s\"?]", texts), route


def test_the_seconds_of_retry_after_are_those_that_the_page_says() -> None:
    said = f"in seconds: {problems.RETRY_AFTER} and {replay.RETRY_AFTER}."
    assert said in PAGE
    assert f"{problems.RETRY_AFTER} with 503, {replay.RETRY_AFTER} with 429" in PAGE

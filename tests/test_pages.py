"""What the documents tell people to type is there: commands and their options, addresses, settings, make's targets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import MapAdapter, RequestRedirect

from interface.cli.main import seatledger
from interface.web.app import create_app
from tests.pages import PAGES, ROOT, blocks, commands
from tests.world import World

OF_OTHERS = {"SEATLEDGER_TEST_DATABASES"} | {
    f"SEATLEDGER_{name}" for name in ("TOKEN", "CODE", "DECISION", "NAME", "PRODUCTS")
}
"""What the tests read, and what docs/gateway.md has proxies keep for themselves."""

each_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])


def unknown(text: str) -> str | None:
    """What of a command is not there; None if all is. “add|delete” names several, and brackets what may be left out."""
    words = re.sub(r"\[|\]|\$\(.*|\"[^\"]*\"|^--lang (en|ja) ", " ", text).split()
    commands: list[click.Command] = [seatledger]
    while words and isinstance(commands[0], click.Group) and re.fullmatch(r"[a-z|-]+", words[0]):
        names = words.pop(0).split("|")
        group = commands[0]
        commands = [found for name in names if (found := group.get_command(click.Context(group), name))]
        if len(commands) < len(names):
            return f"{group.name} {'|'.join(names)}"
    for command in commands:
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        for word in words:
            if word.startswith("--") and word.split("=")[0] not in options | {"--help"}:
                return f"{command.name} {word}"
    return None


@each_page
def test_every_command_and_option_is_there(page: Path) -> None:
    assert [text for text in commands(page) if unknown(text)] == []


@pytest.mark.parametrize(
    "wrong", ["lincense show", "user add|remove", "license show --at 2026-04-01", "user list --yes"]
)
def test_a_command_that_is_not_there_is_found(wrong: str) -> None:
    assert unknown(wrong)


def test_every_page_with_commands_was_read() -> None:
    assert sum(len(list(commands(page))) for page in PAGES) > 150


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MapAdapter]:
    with World(tmp_path_factory.mktemp("addresses")) as world:
        world.open()
        yield create_app(world.seatledger, secret_key=b"an example, not a secret, 32 byte").url_map.bind("localhost")


def leads_somewhere(addresses: MapAdapter, path: str, methods: str) -> bool:
    """Whether one of the methods finds a route; “{login_name}” and “<path>” stand for anything."""
    for method in methods.split("|"):
        try:
            addresses.match(re.sub(r"[{<][^}>]+[}>]", "7", path), method=method)
        except (NotFound, MethodNotAllowed):
            continue
        except RequestRedirect:
            return True
        return True
    return False


@each_page
def test_every_address_is_there(page: Path, addresses: MapAdapter) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"\b((?:GET|POST|PUT|DELETE)(?:\|(?:GET|POST|PUT|DELETE))*) (/[\w/{}<>.-]+)", text))
    served = re.findall(r"(?:127\.0\.0\.1:8000|licenses\.example\.com)(/[\w/{}<>.-]*)", text)
    named |= {("GET|POST|PUT|DELETE", path) for path in served}
    assert sorted(each for each in named if not leads_somewhere(addresses, each[1], each[0])) == []


def test_an_address_that_is_not_there_is_found(addresses: MapAdapter) -> None:
    assert leads_somewhere(addresses, "/api/v1/users/{login_name}", "GET")
    assert not leads_somewhere(addresses, "/api/v1/users/{login_name}", "POST")
    assert not leads_somewhere(addresses, "/api/v1/people", "GET|POST|PUT|DELETE")


@each_page
def test_every_setting_is_read_somewhere(page: Path) -> None:
    named = set(re.findall(r"\bSEATLEDGER_[A-Z_]+[A-Z]\b", page.read_text(encoding="utf-8")))
    readers = [*(ROOT / "interface").rglob("*.py"), ROOT / "deploy" / "compose.yaml"]
    read = set(
        re.findall(r"(?<=[\"{])SEATLEDGER_[A-Z_]+", "".join(path.read_text(encoding="utf-8") for path in readers))
    )
    assert named - OF_OTHERS - read == set()


@each_page
def test_every_target_of_make_is_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    typed = "\n".join([*re.findall(r"`(make [^`]+)`", text), *(block.text for block in blocks(page))])
    assert set(re.findall(r"^make ([a-z]+)", typed, re.MULTILINE)) <= targets

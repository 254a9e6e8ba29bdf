"""In another language no English is left of what the command line says: everything comes from the catalog."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import Result

from application.words import languages
from interface import demo
from interface.cli.database import by_os_user
from tests.examples import a_key, a_period
from tests.interface.cli.conftest import CommandLine
from tests.loud import LOUD

NAMES = re.compile(
    rf"\b{re.escape(by_os_user().partition(':')[2])}\b|"
    r"^(?:REFUSED|WARNING) \([a-z_]+\)|: (?:admit|admin_only|refuse) \([a-z_]+\)|\w+://\S+|/\S+|--?[a-z-]+|“[^”]*”|"
    r"\b(?:[a-z]+_[a-z_]+|Example Company|Example Customer|Example Vendor|Professional|Analytics|Europe/Berlin|"
    r"timetracker-nx|example-2026|admin|Alice|bob|eve|seatledger password|"
    r"[0-9a-f]{8}(?:-[0-9a-f]+)+|[0-9a-f]{64}|soon)\b"
)
"""What is called so in every language: names, options, paths, codes, and what was typed."""


@pytest.fixture
def loud(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line in a language all of whose messages are in capitals."""
    monkeypatch.setattr(languages, "language_of", lambda _: LOUD)
    return line


def english_in(result: Result) -> list[str]:
    """The lines with a word in small letters that is neither a name nor a code; click's own words are its catalog's."""
    lines = [text for text in result.output.splitlines() if not text.startswith(("Usage: ", "Try "))]
    own = [re.sub(r"^Error: (?:Invalid value(?: for '[^']*')?: )?", "", text) for text in lines]
    return [text for text in own if re.search(r"[a-z]{2}", NAMES.sub("", text))]


def test_no_english_is_left_of_what_commands_say(loud: CommandLine) -> None:
    coming = a_key(licenses=9, license_period=a_period("2027-04-01", None), issued_at=1775811600)
    for command in (
        ("license", "show"),
        ("license", "register", a_key(licenses=1)),
        ("license", "register", a_key(licenses=1)),
        ("license", "register", coming),
        ("user", "add", "Alice"),
        ("user", "add", "bob", "--administrator"),
        ("license", "show"),
        ("license", "show", "--on", "2027-03-20"),
        ("license", "list"),
        ("history",),
        ("check", "Alice"),
        ("check", "admin"),
        ("check", "nobody_at_all"),
        ("user", "grant", "Alice"),
        ("user", "revoke", "Alice"),
        ("user", "delete", "Alice"),
        ("user", "list"),
        ("user", "restore", "Alice"),
        ("auditor", "add", "eve"),
        ("auditor", "list"),
        ("auditor", "remove", "eve"),
        ("auditor", "list"),
        ("token", "list"),
        ("vendor", "inspect", a_key()),
    ):
        assert english_in(loud.run(*command)) == [], command
    imported = loud.run("user", "import", "-", stdin="login_name,administrator\nacme,true\n")
    assert english_in(imported) == []
    loud.do("token", "create", "gateway", "--scope", "users")
    assert loud.do("token", "list").split()[-2:] == ["NEVER", "GOOD"]
    history = loud.run("history", "--limit", "1").output.splitlines()
    assert history[0].split() == ["POSITION", "DAY", "TIME", "(Europe/Berlin)", "WHAT", "HAPPENED"]
    assert history[-1].startswith("THERE IS MORE: ")


def test_no_english_is_left_of_what_is_refused(loud: CommandLine) -> None:
    for command in (
        ("license", "register", "KEY"),
        ("user", "add", "a/b"),
        ("clock", "correct", "2099-01-01"),
        ("clock", "correct", "soon"),
        ("check", "admin", "--as-of", "soon"),
        ("check", "admin", "--on", "2026-04-09"),
        ("check", "admin", "--on", "2026-04-09", "--position", "1"),
        ("check", "admin", "--on", "2026-04-10", "--as-of", "2026-04-10"),
        ("check", "admin", "--as-of", "2026-04-10"),
        ("check", "admin", "--log-key", "/dev/null"),
        ("password", "admin"),
        ("audit", "export", "/dev/null"),
    ):
        refused = loud.run(*command)
        assert refused.exit_code in (1, 2), command
        assert english_in(refused) == [], command
    for setting, value in (
        ("SEATLEDGER_DATABASE", "mysql://x"),
        ("SEATLEDGER_DATABASE", "sqlite:////nowhere/none.sqlite"),
        ("SEATLEDGER_KEYRING", ""),
    ):
        refused = loud.run("license", "register", "KEY", **{setting: value})
        assert english_in(refused) == [], value


def test_the_demos_instructions_are_in_the_language() -> None:
    memory = demo.Memory("PASSWORD", "TOKEN", "KEY", "2027-03-31")
    trial = demo.Demo(Path("/demo"), memory)
    shown = demo.instructions(trial, "ADDRESS/", LOUD)
    assert re.findall(r"[a-z]{2,}", shown) == [demo.ADMINISTRATOR, demo.USERS[0], "demo"]

"""Auditors, passwords and tokens at the terminal."""

from __future__ import annotations

import hashlib

import pytest

from application.accounts import SignInRefused
from application.credentials import TooManyAttempts
from interface.cli.database import by_os_user
from tests.examples import ADMINISTRATOR, PASSWORD
from tests.interface.cli.conftest import CommandLine


def signs_in(line: CommandLine, name: str, password: str) -> bool:
    """Whether the page would let this account in with this password."""
    account = line.world.accounts.account(line.world.id, name)
    return line.world.seatledger.credentials.verify_password(account.account_id, account.since, password)


def test_an_auditor_gets_a_password_and_is_removed_for_good(line: CommandLine) -> None:
    assert line.do("auditor", "add", " Eve ") == "The auditor “Eve” was added.\n"
    assert line.do("auditor", "list") == "NAME  STATUS\nEve   auditor without a password\n"
    assert line.do("password", "eve", "--password-stdin", stdin=f"{PASSWORD}\r\n") == "The password of “Eve” was set.\n"
    assert line.do("auditor", "list") == "NAME  STATUS\nEve   auditor\n"
    assert signs_in(line, "eve", PASSWORD)
    assert line.do("auditor", "remove", "eve") == "The auditor “Eve” is removed.\n"
    assert line.do("auditor", "list") == "NAME  STATUS\nEve   removed\n"
    assert line.run("user", "add", "eve").stderr.startswith("Refused (login_name_taken): ")


def test_the_password_is_the_first_line(line: CommandLine) -> None:
    line.do("password", ADMINISTRATOR, "--password-stdin", stdin=b"a p\xc3\xa4ssword, long\nthe second line\n")
    assert signs_in(line, ADMINISTRATOR, "a pässword, long")
    assert not signs_in(line, ADMINISTRATOR, PASSWORD)


def test_a_refused_password_leaves_the_old_one(line: CommandLine) -> None:
    refused = line.run("password", ADMINISTRATOR, "--password-stdin", stdin="short\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "short" not in refused.stderr.split(":", 1)[1].replace("shorter", "")
    assert signs_in(line, ADMINISTRATOR, PASSWORD)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("123456789012", "password_is_run"),
        (" " * 12, "password_repeats"),
        ("Motherfucker1!", "password_common"),
        ("Example Company 2026", "password_of_context"),
        ("seatledger-26!", "password_of_context"),
    ],
)
def test_s14_what_is_guessed_first_is_refused_and_not_repeated(line: CommandLine, password: str, code: str) -> None:
    answer = line.run("password", ADMINISTRATOR, "--password-stdin", stdin=f"{password}\n")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr.startswith(f"Refused ({code}): ")
    assert password.strip() == "" or password not in answer.stderr
    assert signs_in(line, ADMINISTRATOR, PASSWORD)


def test_setting_a_password_here_ends_the_wait_after_failed_sign_ins(line: CommandLine) -> None:
    def sign_in(password: str, source: str = "192.0.2.1") -> object:
        return line.world.accounts.sign_in(line.world.id, ADMINISTRATOR, password, source=source)

    for _ in range(5):
        with pytest.raises(SignInRefused):
            sign_in("not the password")
    with pytest.raises(TooManyAttempts):
        sign_in(PASSWORD)
    line.do("password", ADMINISTRATOR, "--password-stdin", stdin="another long password\n")
    assert sign_in("another long password", source="192.0.2.2")


def test_a_token_is_printed_alone_and_listed_without_its_secret(line: CommandLine) -> None:
    made = line.run("token", "create", "gateway", "--scope", "login-check", "--scope", "users", "--expires", "30")
    assert (made.exit_code, made.stderr) == (0, "")
    text = made.stdout.removesuffix("\n")
    assert text.startswith("slt_")
    event = line.json("history")["events"][-1]
    assert event["digest"] == hashlib.sha256(text.encode()).hexdigest()
    listed = line.do("token", "list")
    token_id = text[4:12]
    assert listed.splitlines()[1].split() == [
        token_id,
        "gateway",
        "login-check,users",
        "2026-04-10",
        *f"{by_os_user().removeprefix('cli:')} (command line)".split(),
        *["not", "yet", "2026-05-10", "good"],
    ]
    assert text[13:] not in listed + line.do("history")
    assert line.do("token", "revoke", token_id) == f"The token {token_id} is revoked.\n"
    assert line.do("token", "list").endswith("revoked\n")


def test_a_token_without_a_scope_is_wrong_usage(line: CommandLine) -> None:
    assert line.run("token", "create", "gateway").exit_code == 2


def test_without_tokens_or_auditors_the_list_is_its_header(line: CommandLine) -> None:
    assert line.do("token", "list").count("\n") == 1
    assert line.do("auditor", "list").count("\n") == 1


@pytest.mark.parametrize("command", [("password",), ("auditor", "add"), ("auditor", "remove"), ("token", "revoke")])
def test_without_a_name_it_is_wrong_usage(line: CommandLine, command: tuple[str, ...]) -> None:
    assert line.run(*command).exit_code == 2

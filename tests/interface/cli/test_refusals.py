"""Every refusal that the command line can meet: its code on standard error, exit status 1, no other output."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from eventsourcing.persistence import OperationalError

from domain.refusals import Refused
from tests.application.license_keys.crafting import crafted, with_claims, with_header
from tests.database import connected, recorder
from tests.examples import (
    OTHER_INSTALLATION_ID,
    REVOKED_KID,
    REVOKED_SIGNING_KEY,
    a_key,
    a_license,
    a_period,
    seconds,
)
from tests.interface.cli.conftest import CommandLine

KEYS: dict[str, Callable[[], str]] = {
    "too_long": lambda: "A" * 20_000,
    "malformed": lambda: "this is no key",
    "not_canonical": lambda: "e30=".rstrip("=") + "." + "e31" + "." + "A" * 86,
    "wrong_header": lambda: with_header(alg="none"),
    "unknown_signing_key": lambda: with_header(kid="somebody-else"),
    "revoked_signing_key": lambda: a_key(signing_key=REVOKED_SIGNING_KEY, kid=REVOKED_KID),
    "bad_signature": lambda: crafted(signature=bytes(64)),
    "bad_claims": lambda: with_claims(licenses="many"),
    "unknown_claim": lambda: with_claims(colour="blue"),
    "wrong_product": lambda: a_key(product="another-product"),
    "wrong_installation": lambda: a_key(audience=OTHER_INSTALLATION_ID),
    "key_id_used": lambda: a_key(licenses=9, key_id=a_license().key_id),
    "issued_in_future": lambda: a_key(issued_at=seconds("2026-04-12T09:00:00+00:00")),
    "license_period_over": lambda: a_key(
        license_period=a_period("2025-04-01", "2026-03-31"), issued_at=seconds("2026-03-20T09:00:00+00:00")
    ),
    "older_than_registered": lambda: a_key(licenses=99, issued_at=seconds("2026-03-01T09:00:00+00:00")),
}
"""A key for every code, for an installation in which `a_key()` is registered."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "login_name_invalid": ("user", "add", "a/b"),
    "login_name_taken": ("user", "add", "ADMIN"),
    "unknown_user": ("user", "delete", "nobody"),
    "user_deleted": ("user", "grant", "gone"),
    "last_administrator": ("user", "delete", "admin"),
    "unknown_auditor": ("auditor", "remove", "admin"),
    "unknown_account": ("password", "nobody", "--password-stdin"),
    "password_invalid": ("password", "admin", "--password-stdin"),
    "unknown_token": ("token", "revoke", "abcdefgh"),
    "text_invalid": ("token", "create", "", "--scope", "users"),
    "unknown_scope": ("token", "create", "x", "--scope", "everything"),
    "expiry_invalid": ("token", "create", "x", "--scope", "users", "--expires", "0"),
    "clock_correction_refused": ("clock", "correct", "2099-01-01"),
    "import_refused": ("user", "import", "-"),
}

ELSEWHERE = {"unknown_time_zone", "right_lost", "user_not_deleted", "auditor_not_removed", "unknown_operator"}
"""Refused by `init` alone (test_init.py), to whoever signs in or has a token (test_true_sentences.py), and by the
commands that erase (test_people.py)."""


@pytest.mark.parametrize("code", KEYS)
def test_a_refused_key_is_named_by_its_code_and_recorded_without_the_key(line: CommandLine, code: str) -> None:
    line.do("license", "register", a_key())
    refused_key = KEYS[code]()
    _assert_refused(line, code, ("license", "register", "-"), stdin=refused_key)
    recorded = line.json("history")["events"][-1]
    assert (recorded["event"], recorded["code"]) == ("LicenseKeyRefused", code)
    assert refused_key not in line.do("history", "--json")


@pytest.mark.parametrize("code", COMMANDS)
def test_a_refused_command_is_named_by_its_code_and_changes_nothing(line: CommandLine, code: str) -> None:
    line.do("user", "add", "gone")
    line.do("user", "delete", "gone")
    before = line.json("history")
    _assert_refused(line, code, COMMANDS[code], stdin="short\n")
    assert line.json("history") == before


def test_a_refused_name_may_be_no_unicode(line: CommandLine) -> None:
    _assert_refused(line, "login_name_invalid", ("user", "add", "al\udcffice"))
    _assert_refused(line, "unknown_user", ("user", "delete", "al\udcffice"))


@pytest.mark.sqlite_alone("its one writer at a time")
def test_behind_a_stuck_writer_a_command_says_busy(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "LOCK_TIMEOUT", 1)
    with connected(line.database) as stuck:
        stuck.execute("BEGIN IMMEDIATE")
        assert line.json("check", "admin")["code"] == "no_license"
        _assert_refused(line, "busy", ("user", "add", "alice"))


@pytest.mark.sqlite_alone("it fails in its recorder")
def test_a_database_that_cannot_store_says_so(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(recorder.Recorder, "_insert_events", fail)
    _assert_refused(line, "storage_failed", ("user", "add", "alice"))


def test_no_refusal_of_the_domain_is_forgotten() -> None:
    ours = {refusal.code for refusal in _kinds(Refused) if refusal.__module__ == Refused.__module__}
    assert len(ours) > 25
    assert ours - {*KEYS, *COMMANDS, *ELSEWHERE} == set()


def _kinds(kind: type[Refused]) -> Iterator[type[Refused]]:
    for narrower in kind.__subclasses__():
        if hasattr(narrower, "code"):
            yield narrower
        yield from _kinds(narrower)


def _assert_refused(line: CommandLine, code: str, command: tuple[str, ...], *, stdin: str | None = None) -> None:
    refused = line.run(*command, stdin=stdin)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"Refused ({code}): ")

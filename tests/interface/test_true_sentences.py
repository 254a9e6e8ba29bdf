"""Every refusal is led to by a real input, and its sentence states what is true of that input and can be done.

The table is complete by construction: a refusal or a clause without a case fails. The sentences themselves stand in
the catalog; a case says which facts must stand in them.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from pathlib import Path
from string import Formatter
from uuid import UUID, uuid4

import click
import pytest

from application.credentials.tables import create_tables
from application.license_keys import Keyring
from application.webhooks import DELIVERED
from application.words.findings import FINDINGS
from application.words.messages import Message, Plural
from application.words.problems import PROBLEMS
from application.words.refusals import SENTENCES
from application.words.sentences import WARNINGS
from interface.cli.main import seatledger
from interface.settings import Settings
from tests.application.license_keys.crafting import crafted, with_claims, with_header
from tests.examples import (
    OTHER_INSTALLATION_ID,
    REVOKED_KID,
    REVOKED_SIGNING_KEY,
    a_key,
    a_license,
    a_period,
    seconds,
)
from tests.interface.said import Case, Place, Reading, after, asked, command, form, key, page, refused, stated
from tests.interface.web.gateway.programs import Program
from tests.interface.web.house import House, text_of

ROOT = Path(__file__).parents[2]
AHEAD = timedelta(days=5000)
LATER = "22222222-2222-4333-8444-555555555555"
ID = "11111111-2222-4333-8444-555555555555"


def webhook(url: str, *options: str) -> Reading:
    """Somebody adds a webhook."""
    return command("webhook", "add", url, *options)


def mailing(*words: str, **settings: str) -> Reading:
    """A command of the mail, with these settings in the place of some that would do."""
    usual = {"SMTP": "smtp://127.0.0.1:1", "MAIL_FROM": "from@example.com", "MAIL_TO": "to@example.com"}
    return command("mail", *words, **{f"SEATLEDGER_{name}": value for name, value in {**usual, **settings}.items()})


def with_twenty_webhooks(place: Place) -> None:
    for _ in range(20):
        place.house.seatledger.webhooks.add("https://1.1.1.1/", [], 0)


def webhook_tested(place: Place) -> str:
    """A test goes to a port of this machine at which nobody listens."""
    allowed = {"SEATLEDGER_WEBHOOK_NETWORKS": "127.0.0.0/8", "SEATLEDGER_TRUSTED_HOSTS": "seatledger.example"}
    assert place.line.run("webhook", "add", "https://127.0.0.1:1/", **allowed).exit_code == 0
    (id_,) = [each.id for each in place.house.seatledger.webhooks.all()]
    return command("webhook", "test", id_, **allowed)(place)


def why_unknown(host: str) -> str:
    """What this machine's resolver says of a name that nobody has."""
    with pytest.raises(OSError, match=r"\w") as caught:
        socket.getaddrinfo(host, 443)
    return caught.value.strerror or str(caught.value)


def registered(place: Place) -> None:
    place.house.register(a_key())


def licensed_for_two(place: Place) -> None:
    """Two licenses for two users; SMALLER is for one of them."""
    place.house.register(a_key(licenses=2))
    place.house.add_user("Ann")


SMALLER = a_key(licenses=1)
TOO_SMALL = (
    "From 2026-04-20 to 2027-03-31 nobody but administrators can log in. Shut out: 1 user, who could log in without "
    "this key (Ann). There are 2 users and 1 license: delete 1 user, or ask for more licenses."
)


def with_ann(place: Place) -> None:
    place.house.add_user("Ann")


def ann_deleted(place: Place) -> None:
    place.house.add_user("Ann")
    place.house.do("delete_user", "Ann")


def ann_renamed(place: Place) -> None:
    place.house.add_user("Ann")
    place.house.do("rename_user", "Ann", "Anna")


def ben_erased(place: Place) -> None:
    place.house.add_user("Ben")
    place.house.do("delete_user", "Ben")
    place.house.licensing.erasing.user(place.house.id, "Ben", by="cli:tester")


def pepper_gone(place: Place) -> None:
    ben_erased(place)
    place.house.settings.pepper_path.unlink()


def pepper_spoilt(place: Place) -> None:
    ben_erased(place)
    place.house.settings.pepper_path.write_text("salt")


def pepper_exchanged(place: Place) -> None:
    ben_erased(place)
    place.house.settings.pepper_path.write_text("ab" * 32)


def erased_list_blocked(place: Place) -> None:
    ann_deleted(place)
    place.house.settings.erased_people_path.mkdir()


def with_auditor(place: Place) -> None:
    place.house.add_auditor("Otto")


def with_second_administrator(place: Place) -> None:
    """Bea could not sign in: she has no password yet."""
    place.house.do("add_user", "Bea", administrator=True)


def in_2040(place: Place) -> None:
    """Something was recorded on a day that the clock does not know."""
    place.house.clock.now += AHEAD
    place.house.add_user("from the future")
    place.house.clock.now -= AHEAD


def second_factor_begun(place: Place) -> None:
    place.house.accounts.begin_second_factor(place.house.account("admin"), issuer="Example")


def keyring_emptied(place: Place) -> None:
    (place.house.directory / "keyring.json").write_text("")


def vendor_began(place: Place) -> None:
    place.line.do("vendor", "new-key", place.house.directory / "vendor", "--kid", "acme")


NO_CHECKPOINT = (
    "{directory}/keyring.json: it holds no checkpoint, which begins with “seatledger/” and the installation's UUID."
)

LEAF = "UPDATE merkle_leaves SET leaf = ? WHERE position = 2"


def altered(statement: str, *values: bytes) -> Callable[[Place], None]:
    """Somebody who can write the database altered it after a checkpoint."""

    def alter(place: Place) -> None:
        place.house.checkpoint()
        with place.house.attacker() as connection:
            connection.execute(statement, values)

    return alter


def cut_short(place: Place) -> None:
    """Somebody removes the newest event, and whatever in the database says that there was one."""
    place.house.add_user("Ann")
    place.house.checkpoint()
    place.house.close()
    with place.house.attacker() as connection:
        connection.execute("DELETE FROM stored_events WHERE originator_version = 5")
        connection.execute("DELETE FROM merkle_leaves WHERE position = 5")
        connection.execute("DELETE FROM checkpoints")


def checkpoint_kept(place: Place) -> None:
    (place.house.directory / "kept").write_text(place.house.checkpoint())


def memory_damaged(place: Place) -> None:
    place.house.checkpoint()
    place.house.audit.memory_path.write_text("nonsense")


def demo_of_nobody(place: Place) -> None:
    (place.house.directory / "demo").mkdir()
    (place.house.directory / "demo" / "demo.json").write_text("not ours")


def keyring_huge(place: Place) -> None:
    (place.house.directory / "keyring.json").write_bytes(b" " * 2_000_000)


def vendor_with_passphrase(place: Place) -> None:
    words = ("vendor", "new-key", place.house.directory / "vendor", "--kid", "acme", "--passphrase-stdin")
    place.line.do(*words, stdin="a passphrase")


def with_secret(place: Place) -> None:
    (place.house.directory / "secret.key").write_bytes(b"a secret of the tests, 32 bytes!")
    (place.house.directory / "secret.key").chmod(0o600)


def log_key_lost(place: Place) -> None:
    place.house.settings.log_key_path.unlink()


def database_emptied(place: Place) -> None:
    Settings(database=f"sqlite:///{place.house.directory}/empty.sqlite").log.make(create_tables)


def open_to_all(place: Place) -> None:
    (place.house.directory / "open").mkdir()
    (place.house.directory / "open").chmod(0o777)


def init(
    *, name: str = "n", product: str = "p", time_zone: str = "UTC", database: str | None = "new.sqlite"
) -> Reading:
    """Somebody makes an installation; without `database` where there is one."""
    options = ("--name", name, "--product", product, "--time-zone", time_zone, "--admin", "a", "--password-stdin")
    return command("init", *options, stdin="four words of no kin", database=database)


def vendor_issued(place: Place) -> None:
    """A perpetual license for the customer Example."""
    vendor_began(place)
    issue(warned=True)(place)


def ledger_gone(place: Place) -> None:
    vendor_issued(place)
    (place.house.directory / "vendor" / "issued.jsonl").unlink()


def ledger_blocked(place: Place) -> None:
    vendor_began(place)
    (place.house.directory / "vendor" / "issued.jsonl").mkdir()


def list_with_a_bad_line(place: Place) -> None:
    vendor_began(place)
    lines = "customer,product,edition,licenses,license_start\nExample,p,E,many,2026-04-01\n"
    (place.house.directory / "list.csv").write_text(lines)


def desk(name: str, *arguments: str) -> Reading:
    """A command of the vendor that reads the ledger."""
    return command("vendor", name, *arguments, "--keys", "{directory}/vendor")


def issue_with(*options: str) -> Reading:
    """`vendor issue` with other options than those of one license."""
    signing = ("--signing-key", "{directory}/vendor/signing-key.pem", "--kid", "acme")
    return command("vendor", "issue", *signing, *options)


def issue(*, kid: str = "acme", customer: str = "Example", more: tuple[str, ...] = (), warned: bool = False) -> Reading:
    """The vendor issues a license key."""
    license_ = ("--product", "p", "--edition", "E", "--licenses", 3, "--license-start", "2026-04-01")
    signed = ("--signing-key", "{directory}/vendor/signing-key.pem", "--kid", kid, "--customer", customer)
    return command("vendor", "issue", *signed, *license_, "--any-installation", *more, warned=warned)


SAID: dict[str, Case] = {
    "too_long": Case(key("A" * 20_000), {}),
    "malformed": Case(key("no key"), {"problem": "nothing in it begins like one, with “eyJ”"}),
    "malformed.file_name": Case(
        command("vendor", "inspect", "{directory}/keyring.json"),
        {"name": "{directory}/keyring.json", "argument": "{directory}/keyring.json"},
    ),
    "not_canonical": Case(key(lambda: a_key()[:-1] + "B"), {}),
    "not_canonical.begin": Case(key("e30=".rstrip("=") + "." + "e31" + "." + "A" * 86), {"begin": "eyJ"}),
    "wrong_header.begin": Case(key(lambda: a_key()[1:]), {"begin": "eyJ"}),
    "wrong_header": Case(key(lambda: with_header(alg="none")), {}),
    "unknown_signing_key": Case(key(lambda: with_header(kid="somebody-else")), {"signing_key_id": "somebody-else"}),
    "revoked_signing_key": Case(
        key(lambda: a_key(signing_key=REVOKED_SIGNING_KEY, kid=REVOKED_KID)), {"signing_key_id": REVOKED_KID}
    ),
    "bad_signature": Case(key(lambda: crafted(signature=bytes(64))), {}),
    "bad_claims": Case(
        key(lambda: with_claims(licenses="many")),
        {"problem": "licenses is not a whole number from 1 to 10000000"},
    ),
    "unknown_claim": Case(key(lambda: with_claims(colour="blue")), {"claim": "colour"}),
    "wrong_product": Case(
        key(lambda: a_key(product="another-product")),
        {"key_product": "another-product", "product": "timetracker-nx"},
    ),
    "wrong_installation": Case(
        key(lambda: a_key(audience=OTHER_INSTALLATION_ID)),
        {"audience": OTHER_INSTALLATION_ID, "installation_id": "{installation_id}"},
    ),
    "key_id_used": Case(
        after(registered, then=key(lambda: a_key(licenses=9, key_id=a_license().key_id))),
        {"key_id": a_license().key_id},
    ),
    "issued_in_future": Case(
        key(lambda: a_key(issued_at=seconds("2026-04-22T09:00:00+00:00"))),
        {"issued_on": "2026-04-22", "today": "2026-04-20"},
    ),
    "issued_in_future.day_ahead": Case(
        after(in_2040, then=key(lambda: a_key(issued_at=seconds("2026-04-22T09:00:00+00:00")))),
        {"issued_on": "2026-04-22", "today": "2026-04-20", "counted_day": "2039-12-28"},
    ),
    "license_period_over": Case(
        key(lambda: a_key(license_period=a_period("2025-04-01", "2026-04-19"))),
        {"license_end": "2026-04-19", "today": "2026-04-20"},
    ),
    "license_period_over.day_ahead": Case(
        after(in_2040, then=key(a_key)),
        {"license_end": "2027-03-31", "counted_day": "2039-12-28", "today": "2026-04-20"},
    ),
    "older_than_registered.same_period": Case(
        after(registered, then=key(lambda: a_key(licenses=9, issued_at=seconds("2026-03-14T09:00:00+00:00")))),
        {"issued_on": "2026-03-14", "registered_issued_on": "2026-03-15"},
    ),
    "older_than_registered": Case(
        after(
            registered,
            then=key(
                lambda: a_key(
                    issued_at=seconds("2026-03-15T08:00:00+00:00"), license_period=a_period("2027-03-31", None)
                )
            ),
        ),
        {
            "issued_on": "2026-03-15 at 09:00:00+01:00",
            "registered_issued_on": "2026-03-15 at 10:00:00+01:00",
            "period": "from 2027-03-31, without end",
            "registered_period": "2026-04-01 to 2027-03-31",
        },
    ),
    # Users, administrators, auditors
    "import_refused": Case(
        after(with_ann, then=command("user", "import", "-", stdin="login_name\na/b\nben\n..\n")),
        {
            "count": "2",
            "shown": "line 2: The login name is not valid: it contains a slash (/). "
            "line 4: The login name is not valid: “.” and “..” are not allowed.",
        },
    ),
    "users_refused": Case(
        after(with_ann, then=command("user", "delete", "Ann", "nobody", "a/b")),
        {
            "count": "2",
            "shown": "nobody: There is no user with the login name “nobody”. "
            "a/b: There is no user with the login name “a/b”.",
        },
    ),
    "unknown_command": Case(command("user", "undo", ID), {"command_id": ID}),
    "login_name_invalid": Case(command("user", "add", "a/b"), {"problem": "it contains a slash (/)"}),
    "login_name_taken": Case(after(with_ann, then=command("user", "add", "ANN")), {"login_name": "Ann"}),
    "unknown_user": Case(command("user", "delete", "nobody"), {"login_name": "nobody"}),
    "user_deleted.name_taken": Case(after(ann_deleted, then=command("user", "add", "ANN")), {"login_name": "Ann"}),
    "unknown_user.renamed": Case(
        after(ann_renamed, then=command("user", "delete", "ANN")), {"login_name": "ANN", "now": "Anna"}
    ),
    "user_deleted.new_name_taken": Case(
        after(ann_deleted, then=command("user", "rename", "admin", "ANN")), {"login_name": "ANN"}
    ),
    "user_not_deleted": Case(after(with_ann, then=command("user", "erase", "ANN", "--yes")), {"login_name": "Ann"}),
    "auditor_not_removed": Case(
        after(with_auditor, then=command("auditor", "erase", "Otto", "--yes")), {"name": "Otto"}
    ),
    "unknown_operator": Case(command("operator", "erase", "nobody", "--yes"), {"name": "nobody"}),
    "pepper_unusable": Case(
        after(pepper_gone, then=command("user", "add", "eve")),
        {
            "problem": "the file {directory}/name-pepper is not there. Take it from your backup of the keys; without "
            "it nobody can say which names stay taken"
        },
    ),
    "person_key_gone": Case(lambda place: _renamed_without_a_key(place), {"account_id": ID}),
    "erased_list_unusable": Case(
        after(erased_list_blocked, then=command("user", "erase", "Ann", "--yes")),
        {"path": "{directory}/erased-people", "reason": "Is a directory"},
    ),
    "user_deleted": Case(after(ann_deleted, then=command("user", "grant", "ANN")), {"login_name": "Ann"}),
    "right_lost": Case(lambda place: _done_without_the_right(place), {}),
    "needs_confirmation": Case(after(licensed_for_two, then=key(SMALLER)), {"preview": TOO_SMALL}),
    "needs_confirmation.otherwise": Case(
        after(
            licensed_for_two,
            then=asked(
                "POST",
                "/api/v1/license-keys",
                "license",
                json={"license_key": SMALLER, "confirm": True, "confirmation": "what was shown before"},
            ),
        ),
        {"preview": TOO_SMALL},
    ),
    "last_administrator": Case(command("user", "delete", "ADMIN"), {"login_name": "admin"}),
    "last_administrator.with_password": Case(
        after(with_second_administrator, then=command("user", "delete", "admin")), {"login_name": "admin"}
    ),
    "unknown_auditor": Case(command("auditor", "remove", "admin"), {"name": "admin"}),
    "unknown_account": Case(
        after(with_ann, then=command("password", "Ann", "--password-stdin", stdin="a long new password\n")),
        {"name": "Ann"},
    ),
    # Tokens
    "expiry_invalid": Case(
        command("token", "create", "x", "--scope", "users", "--expires", "3651"), {"days": "3651", "most": "3650"}
    ),
    "unknown_token": Case(command("token", "revoke", "abcdefgh"), {"token_id": "abcdefgh"}),
    "text_invalid.token_name": Case(command("token", "create", " ", "--scope", "users"), {"problem": "it is empty"}),
    "unknown_scope.none": Case(
        form("/tokens", name="x"), {"scopes": "login-check, license, users, administrators, audit, snapshot"}
    ),
    "unknown_scope": Case(
        command("token", "create", "x", "--scope", "everything"),
        {"scope": "everything", "scopes": "login-check, license, users, administrators, audit, snapshot"},
    ),
    "days_invalid": Case(form("/tokens", name="x", scope="users", expires_after="a year"), {}),
    # An installation
    "text_invalid.installation_name": Case(
        init(name="", product="p", time_zone="UTC"),
        {"problem": "it is empty"},
    ),
    "text_invalid.product_name": Case(
        init(name="n", product="", time_zone="UTC"),
        {"problem": "it is empty"},
    ),
    "unknown_time_zone": Case(
        init(name="n", product="p", time_zone="Mars"),
        {"time_zone": "Mars"},
    ),
    "already_initialized": Case(
        init(database=None),
        {"name": "Example Company", "installation_id": "{installation_id}"},
    ),
    "clock_correction_refused": Case(
        command("clock", "correct", "2026-04-21"),
        {"day": "2026-04-21", "problem": "the newest event was recorded on 2026-04-20, so there is nothing to mend"},
    ),
    # Passwords
    "password_invalid": Case(command("password", "admin", "--password-stdin", stdin="short\n"), {"length": "5"}),
    "password_common": Case(command("password", "admin", "--password-stdin", stdin="iloveyou1234\n"), {}),
    "password_repeats": Case(command("password", "admin", "--password-stdin", stdin="abababababab\n"), {}),
    "password_is_run": Case(command("password", "admin", "--password-stdin", stdin="qwertzuiopasdf\n"), {}),
    "password_of_context": Case(command("password", "admin", "--password-stdin", stdin="timetracker-nx\n"), {}),
    "input_unreadable": Case(
        command("password", "admin", "--password-stdin", stdin=b"gr\xfcn und noch mehr\n"),
        {"problem": "it is neither UTF-8 nor UTF-16 with a byte order mark; write it as UTF-8"},
    ),
    "passwords_differ": Case(
        form("/own-password", current_password="x", new_password="one", new_password_again="two"), {}
    ),
    "current_password_wrong": Case(
        form(
            "/own-password",
            current_password="wrong",
            new_password="four words of no kin",
            new_password_again="four words of no kin",
        ),
        {},
    ),
    "sign_in_failed": Case(form("/sign-in", login_name="admin", password="wrong"), {}),
    "link_over": Case(lambda place: _opened(place, "A" * 43), {}),
    "link_damaged": Case(
        form("/password/link", link="http://localhost/password#abc"),
        {"problem": "it has 3 characters behind the “#”, where a link has 43"},
    ),
    # The history
    "unknown_filter.event": Case(
        asked("GET", "/api/v1/history?event=Nothing", "audit"), {"problem": "there is no event “Nothing”"}
    ),
    "unknown_filter.days": Case(
        page("/audit/history?from=2026-04-20&to=2026-04-19"), {"problem": "2026-04-20 is after 2026-04-19"}
    ),
    "unknown_filter.login_name": Case(
        page("/audit/history?login_name=nobody"),
        {"problem": "there never was anybody with the name “nobody”, or it was erased"},
    ),
    "unknown_filter.by": Case(
        page("/audit/history?by=nobody"),
        {
            "problem": "there never was anybody with the name “nobody”, or it was erased; give a login name, or the "
            "name that the operating system has for somebody at the command line, or “token:ID” for an API token"
        },
    ),
    "day_past": Case(command("license", "show", "--on", "2026-04-19"), {"day": "2026-04-19", "today": "2026-04-20"}),
    "day_past.day_ahead": Case(
        after(in_2040, then=command("license", "show", "--on", "2026-04-21")),
        {"day": "2026-04-21", "today": "2039-12-28", "clock_day": "2026-04-20"},
    ),
    "no_such_position": Case(
        command("license", "show", "--position", "99"),
        {"newest": "4", "opened": "2026-04-20T11:00:00+02:00", "time_zone": "Europe/Berlin"},
    ),
    "not_yet": Case(
        command("license", "show", "--as-of", "2027-01-01T00:00:00Z"),
        {"now": "2026-04-20T11:00:00+02:00", "time_zone": "Europe/Berlin"},
    ),
    "day_not_over": Case(
        command("license", "show", "--as-of", "2026-04-20"),
        {"day": "2026-04-20", "now": "2026-04-20T11:00:00+02:00", "time_zone": "Europe/Berlin"},
    ),
    "day_before_event": Case(
        command("license", "show", "--position", "3", "--on", "2026-04-01"),
        {"day": "2026-04-01", "position": "3", "event_day": "2026-04-20"},
    ),
    "time_never_was": Case(
        page("/audit/license?as_of=2026-03-29T02:30"),
        {
            "local": "2026-03-29 02:30:00",
            "time_zone": "Europe/Berlin",
            "before": "2026-03-29 02:00",
            "after": "2026-03-29 03:00+02:00",
        },
    ),
    "time_twice": Case(
        page("/audit/license?as_of=2025-10-26T02:30"),
        {
            "local": "2025-10-26 02:30:00",
            "time_zone": "Europe/Berlin",
            "first": "2025-10-26 02:30:00+02:00",
            "second": "2025-10-26 02:30:00+01:00",
        },
    ),
    "nobody_selected": Case(form("/users/delete", ask="yes"), {}),
    "unknown_command.malformed": Case(form("/users/undo", command_id="x"), {}),
    "field_not_readable": Case(
        page("/audit/history?from=yesterday"),
        {"what": "From", "text": "yesterday", "kind": "a date such as 2026-04-01"},
    ),
    "day_alone": Case(page("/audit/license?on=2026-04-20"), {}),
    "both_asked": Case(page("/audit/license?position=1&as_of=2026-04-20T10:00"), {}),
    "log_contradicted": Case(
        after(
            altered(LEAF, bytes(32)),
            then=command("audit", "checkpoint", "-"),
        ),
        {"problem": "event 2 does not match its leaf."},
    ),
    "log_contradicted.memory": Case(
        after(
            cut_short,
            then=command("audit", "checkpoint", "-"),
        ),
        {"problem": "the log has 4 events, but 5 were signed: the newest ones are gone."},
    ),
    "signer_memory_unusable": Case(
        after(memory_damaged, then=command("audit", "checkpoint", "-")),
        {
            "problem": "{directory}/log-key.pem.signed is not as it was written. Ask who changed it; then remove it, "
            "and the signer goes on from the newest checkpoint in the database"
        },
    ),
    "loss_not_accepted": Case(
        after(
            checkpoint_kept,
            then=command("audit", "accept-restore", "--checkpoint", "{directory}/kept", "--yes"),
        ),
        {"problem": "the log extends everything that was signed; nothing is lost"},
    ),
    "no_checkpoint": Case(command("audit", "checkpoint", "--newest"), {}),
    # Second factor, sign-in
    "code_refused": Case(after(second_factor_begun, then=form("/second-factor/confirm", code="000000")), {}),
    "too_many_attempts": Case(lambda place: _guessed(place), {"retry_after": "1"}),
    # Users taken back
    "undo_refused": Case(
        lambda place: _undone(place),
        {
            "count": "1",
            "shown": "Ann: the user was changed since, by event 6 of the history (command "
            f"{LATER}); undo that first, or mend the other users by themselves",
        },
    ),
    "command_not_on_users": Case(lambda place: _undone_key(place), {"command_id": ID}),
    # The vendor's keys
    "keyring_invalid": Case(
        refused(lambda: Keyring.from_jwk_set("{}")), {"problem": "it is not a JWK Set with at least one key in “keys”"}
    ),
    "keyring_invalid.in_a_file": Case(
        after(keyring_emptied, then=key(a_key)), {"place": "{directory}/keyring.json", "problem": "it is not JSON"}
    ),
    "license_not_signable": Case(
        after(vendor_began, then=issue(customer="x" * 201)),
        {"problem": "sub is not a text of 1 to 200 printable characters"},
    ),
    "signing_key_unusable": Case(issue(), {"problem": "{directory}/vendor/signing-key.pem: No such file or directory"}),
    "signing_key_unusable.not_published": Case(
        after(vendor_began, then=command("vendor", "revoke-key", "{directory}/vendor", "--kid", "other")),
        {"place": "{directory}/vendor/keyring.json", "kid": "other", "kids": "acme"},
    ),
    "ledger_altered": Case(
        after(ledger_gone, then=desk("list")),
        {"problem": "{directory}/vendor/issued.jsonl is not there, though license keys were issued"},
    ),
    "ledger_unusable": Case(
        after(ledger_blocked, then=desk("verify")),
        {"problem": "{directory}/vendor/issued.jsonl: Is a directory"},
    ),
    "ledger_unknown": Case(after(vendor_issued, then=desk("show", "Nobody")), {"name": "Nobody"}),
    "renewal_refused": Case(
        after(vendor_issued, then=issue_with("--renew", "Example")),
        {
            "customer": "Example",
            "problem": "it is perpetual and has no maintenance, so that nothing of it ends; issue another one without "
            "--renew",
        },
    ),
    "batch_refused": Case(
        after(list_with_a_bad_line, then=issue_with("--from", "{directory}/list.csv", "--dry-run")),
        {
            "count": "1",
            "shown": "line 2: column licenses: licenses is not a whole number from 1 to 10000000",
        },
    ),
    "anchor_unusable": Case(
        after(vendor_began, then=issue(more=("--anchor", "{directory}/keyring.json"))),
        {"problem": NO_CHECKPOINT},
    ),
    "renewal_request_unfit": Case(
        command("vendor", "inspect-request", "{directory}/keyring.json"), {"problem": PROBLEMS["request_unreadable"]}
    ),
    "log_key_unusable": Case(
        after(log_key_lost, then=command("audit", "checkpoint", "-")), {"problem": "{directory}/log-key.pem is missing"}
    ),
    # The machine
    "not_initialized": Case(after(database_emptied, then=command("user", "list", database="empty.sqlite")), {}),
    "backup_refused": Case(
        after(open_to_all, then=command("backup", "{directory}/open")),
        {"problem": "others than its owner can write in {directory}/open; make it yours alone (chmod 700)"},
    ),
    "move_refused": Case(
        command("move", "--to", "sqlite:///{directory}/seatledger.sqlite"),
        {"problem": "{directory}/seatledger.sqlite is the database that it is in. Name another one with --to"},
    ),
    "restore_refused": Case(
        command("restore", "{directory}", "--yes"),
        {"problem": "there is no backup “seatledger-….sqlite” in {directory}"},
    ),
    # Requests
    "token_missing": Case(asked("GET", "/api/v1/users"), {}),
    "token_invalid": Case(asked("GET", "/api/v1/users", headers={"Authorization": "Bearer slt_nonsense"}), {}),
    "snapshots_off": Case(asked("GET", "/api/v1/snapshot", "snapshot"), {}),
    "login_name_missing": Case(asked("GET", "/forward-auth", "login-check"), {}),
    "token_over": Case(lambda place: _asked_with_a_revoked_token(place), {}),
    "request_too_large": Case(
        asked("POST", "/api/v1/users", "users", data=b" " * 70_000, content_type="application/json"), {}
    ),
    "scope_missing": Case(asked("GET", "/api/v1/users", "license"), {"scopes": "users or audit"}),
    "scope_missing.past": Case(asked("GET", "/api/v1/login-check?login_name=admin&position=1", "login-check"), {}),
    "malformed_request": Case(
        asked("GET", "/api/v1/login-check", "login-check"),
        {"problem": "the query parameter login_name is missing"},
    ),
    "unsupported_media_type": Case(asked("POST", "/api/v1/users", "users", data="login_name=x"), {}),
    "idempotency_key_invalid": Case(
        asked("DELETE", "/api/v1/users/ann", "users", headers={"Idempotency-Key": "a, b"}), {"most": "255"}
    ),
    "mail_off": Case(command("mail", "test"), {}),
    "mail_test_failed": Case(
        mailing("test", SMTP="smtp://127.0.0.1:1"),
        {"problem": "the mail server 127.0.0.1 cannot be asked at port 1 (Connection refused)"},
    ),
    # Webhooks
    "webhook_url_refused": Case(
        webhook("https://u:p@receiver.example/"),
        {
            "problem": "it holds a user name or a password before the host. Leave it out: the receiver knows us by the "
            "signature"
        },
    ),
    "unknown_event_type": Case(
        webhook("https://1.1.1.1/", "--events", "user.gone"), {"type": "user.gone", "known": ", ".join(DELIVERED)}
    ),
    "unknown_webhook": Case(command("webhook", "remove", "abc"), {"id": "abc"}),
    "too_many_webhooks": Case(after(with_twenty_webhooks, then=webhook("https://1.1.1.1/")), {"most": "20"}),
    "webhook_test_failed": Case(
        lambda place: webhook_tested(place),
        {"problem": "127.0.0.1 takes no connection at port 1 (Connection refused)"},
    ),
}


ELSEWHERE = {
    "day_never_was": ("tests/interface/web/audit/test_local_times.py", "2011-12-30 never was in Pacific/Apia"),
    "file_exists": ("tests/interface/cli/test_audit.py", "is there already, and what was kept is never written over"),
    "export_unsound": ("tests/interface/cli/test_export_answers.py", "Nothing is answered from this export"),
    "import_unfinished.unknown": ("tests/application/test_user_import.py", "it is not known"),
    "import_unfinished": ("tests/interface/cli/test_user_import.py", "The import broke off"),
    "import_outdated": ("tests/interface/web/test_user_import_screen.py", "is not what was shown"),
    "day_in_future": ("tests/application/test_last_days.py", "has not come: today is"),
    "too_many_names": ("tests/application/test_last_days.py", "login names, and this one has"),
    "unused_unknown": ("tests/application/test_last_days.py", "is not known yet: reports of logins begin with"),
    "unused_unknown.never": ("tests/application/test_last_days.py", "no login gateway has reported yet"),
    "unused_unknown.gaps": ("tests/application/test_last_days.py", "of these days were reported"),
    "list_altered": ("tests/interface/web/test_user_import_screen.py", "was altered on the way"),
    "request_too_large.list": ("tests/interface/front/test_lists.py", "The list is too large for this screen"),
    "token_not_printed": ("tests/interface/cli/test_tokens.py", "Refused (token_not_printed)"),
    "busy": ("tests/interface/cli/test_refusals.py", '"busy", ("user", "add", "alice")'),
    "busy.reading": ("tests/application/views/test_aggregate_of_view.py", "ReadingHistory"),
    "busy.line": ("tests/interface/front/test_front.py", "the line has an end"),
    "busy.hashing": ("tests/application/credentials/test_hashing.py", "HashingBusy"),
    "storage_failed": ("tests/interface/cli/test_refusals.py", '"storage_failed", ("user", "add", "alice")'),
    "backup_refused.altered": ("tests/interface/cli/test_backup.py", "since the history was altered"),
    "token_made_before": ("tests/application/test_repeatable_commands.py", "TokenMadeBefore"),
    "idempotency_key_reused": ("tests/interface/web/gateway/test_once.py", '"idempotency_key_reused"'),
    "request_in_progress": ("tests/interface/web/gateway/test_once.py", '"request_in_progress"'),
    "password_unfinished": ("tests/application/test_unfinished.py", "Set it again"),
    "password_unfinished.link": ("tests/application/test_unfinished.py", "this link is used up"),
    "password_unfinished.session": ("tests/application/test_unfinished.py", "you are not signed in"),
    "link_unfinished": ("tests/application/test_unfinished.py", "Make another one"),
    "outcome_unknown.beside": ("tests/application/postgresql/test_lost_replies.py", "twice does no harm"),
    "outcome_unknown": ("tests/faults/faults.py", '"outcome_unknown"'),
    "move_refused.altered": ("tests/interface/cli/test_move.py", "since the history was altered"),
    "restore_refused.altered": ("tests/interface/cli/test_backup.py", "since the backup was altered"),
    "too_many_questions": ("tests/interface/web/audit/test_replay_api.py", '"too_many_questions"'),
    "malformed_address": ("tests/interface/web/gateway/test_over_the_wire.py", '"malformed_address"'),
    "body_incomplete": ("tests/interface/front/test_front.py", '"body_incomplete"'),
    "body_too_slow": ("tests/interface/cli/test_hostile_clients.py", '"code":"body_too_slow"'),
    "unknown_encoding": ("tests/interface/front/test_front.py", '"unknown_encoding"'),
}
"""Refusals that take a server, a crowd or a full disk: where they are led to, and by what words that is known."""

PROBLEMS_SAID: dict[str, Case] = {
    # License keys
    "paste_empty": Case(key(" "), {}),
    "paste_file_name": Case(key("license.txt"), {}),
    "paste_end_missing": Case(key(lambda: a_key().rpartition(".")[0]), {"parts": "2"}),
    "paste_signature_short": Case(key(lambda: a_key()[:-3]), {"signature": "86", "length": "83"}),
    "paste_goes_on": Case(key(lambda: a_key() + "AAA"), {"signature": "86", "length": "89"}),
    "paste_four_parts": Case(key(lambda: f"{a_key()}.{86 * 'A'}"), {}),
    "paste_character": Case(key(lambda: a_key()[:30] + "§" + a_key()[31:]), {"count": "30", "character": "§"}),
    "paste_two_keys": Case(key(lambda: f"{a_key()}\n\n{a_key(licenses=9)}"), {}),
    "claim_version": Case(key(lambda: with_claims(v="1")), {"version": "1"}),
    "claim_not_text": Case(key(lambda: with_claims(edition="")), {"claim": "edition", "most": "200"}),
    "claim_not_uuid": Case(key(lambda: with_claims(jti="1")), {"claim": "jti"}),
    "claim_not_period": Case(key(lambda: with_claims(license_period=[])), {"claim": "license_period"}),
    "claim_not_list": Case(key(lambda: with_claims(optional_products="A")), {"claim": "optional_products"}),
    "claim_too_many_names": Case(
        key(lambda: with_claims(optional_products=[str(number) for number in range(51)])),
        {"claim": "optional_products", "most": "50"},
    ),
    "key_too_long": Case(
        after(vendor_began, then=issue(more=tuple(f"--optional-product={n:0>200}" for n in range(50)))),
        {"length": "14016", "most": "4096"},
    ),
    # Keyrings and signing keys
    "not_jwk_set": Case(refused(lambda: Keyring.from_jwk_set("[]")), {}),
    "too_many_keys": Case(refused(lambda: Keyring.from_jwk_set(json.dumps({"keys": [{}] * 1001}))), {"most": "1000"}),
    "file_failed": Case(issue(), {"path": "{directory}/vendor/signing-key.pem", "reason": "No such file or directory"}),
    "system_says": Case(
        command("vendor", "inspect", "-", "--keyring", "{directory}/none.json", stdin=a_key),
        {"reason": "No such file or directory"},
    ),
    "file_too_large": Case(after(keyring_huge, then=key(a_key)), {"most": "1048576"}),
    "passphrase_missing": Case(
        after(vendor_with_passphrase, then=issue()), {"path": "{directory}/vendor/signing-key.pem"}
    ),
    "note_unfit": Case(
        after(vendor_began, then=issue(more=("--anchor", "{directory}/keyring.json"))),
        {"reason": NO_CHECKPOINT},
    ),
    "file_fails": Case(
        after(vendor_began, then=issue(more=("--anchor", "{directory}/none"))),
        {"path": "{directory}/none", "reason": "No such file or directory"},
    ),
    "ledger_file_gone": Case(after(ledger_gone, then=desk("list")), {"path": "{directory}/vendor/issued.jsonl"}),
    "in_column": Case(
        after(list_with_a_bad_line, then=issue_with("--from", "{directory}/list.csv", "--dry-run")),
        {"column": "licenses", "problem": "licenses is not a whole number from 1 to 10000000"},
    ),
    "text_in_quotes": Case(
        after(vendor_began, then=issue(customer='"Me"', warned=True)),
        {"option": "--customer", "text": '"Me"'},
    ),
    "text_mixes_alphabets": Case(
        after(vendor_began, then=issue(customer="Exаmple Ltd", warned=True)),  # its “а” is a Cyrillic one
        {"option": "--customer", "word": "Exаmple"},
    ),
    # The machine
    "host_no_pattern": Case(
        after(
            with_secret,
            then=command("serve", SEATLEDGER_TRUSTED_HOSTS="*", SEATLEDGER_SECRET_KEY_FILE="{directory}/secret.key"),
        ),
        {},
    ),
    "demo_something_else": Case(command("demo", "--data", "{directory}"), {"directory": "{directory}"}),
    "demo_not_ours": Case(
        after(demo_of_nobody, then=command("demo", "--data", "{directory}/demo")),
        {"path": "{directory}/demo/demo.json"},
    ),
    "checkpoint_damaged": Case(
        after(altered("UPDATE checkpoints SET note = 'x'"), then=command("audit", "checkpoint", "-")),
        {"size": "4", "reason": "This is not a signed note: a text, an empty line, and signatures."},
    ),
    "checkpoint_says_otherwise": Case(
        after(altered("UPDATE checkpoints SET root = ?", bytes(32)), then=command("audit", "checkpoint", "-")),
        {"size": "4"},
    ),
    "pepper_missing": Case(after(pepper_gone, then=command("user", "add", "eve")), {"path": "{directory}/name-pepper"}),
    "pepper_damaged": Case(
        after(pepper_spoilt, then=command("user", "add", "eve")), {"path": "{directory}/name-pepper"}
    ),
    "pepper_other": Case(
        after(pepper_exchanged, then=command("user", "add", "eve")), {"path": "{directory}/name-pepper"}
    ),
    # Standard input and lists
    "input_line_too_long": Case(
        command("password", "admin", "--password-stdin", stdin="x" * 20_000), {"most": "16384"}
    ),
    "header_wrong": Case(command("user", "import", "-", stdin="name\nx\n"), {"header": "name"}),
    "text_after_quote": Case(command("user", "import", "-", stdin='login_name\n"ann"x\n'), {}),
    "name_rounded": Case(command("user", "import", "-", stdin="login_name\n4.71E+11\n"), {"name": "4.71E+11"}),
    # Requests
    "days_turned_round": Case(
        page("/audit/history?from=2026-04-20&to=2026-04-19"), {"first": "2026-04-20", "last": "2026-04-19"}
    ),
    "parameter_unknown": Case(
        asked("GET", "/api/v1/login-check?login_name=x&colour=blue", "login-check"),
        {"name": "colour", "known": "login_name, release_date, lang, as_of, position, on"},
    ),
    "no_parameters": Case(asked("POST", "/api/v1/users/x/restore?colour=blue", "users"), {"name": "colour"}),
    "parameter_once": Case(
        asked("GET", "/api/v1/login-check?login_name=x&login_name=y", "login-check"), {"name": "login_name"}
    ),
    "parameter_alone": Case(
        asked("GET", "/api/v1/license?on=2026-04-20", "audit"), {"name": "on", "other": "position"}
    ),
    "field_on": Case(page("/audit/license?position=1&on=tomorrow"), {}),
    "parameter_empty": Case(asked("GET", "/api/v1/history?event=", "audit"), {"name": "event"}),
    "parameter_no_language": Case(
        asked("GET", "/api/v1/login-check?login_name=x&lang=Japanese%20please", "login-check"), {"name": "lang"}
    ),
    "parameter_no_date": Case(
        asked("GET", "/api/v1/login-check?login_name=x&release_date=soon", "login-check"), {"name": "release_date"}
    ),
    "member_unknown": Case(
        asked("POST", "/api/v1/users", "users", json={"login_name": "x", "colour": "blue"}),
        {"name": "colour", "known": "login_name, administrator"},
    ),
    "member_no_texts": Case(
        asked("POST", "/api/v1/last-seen", "login-check", json={"day": "2026-04-19", "login_names": [5]}),
        {"name": "login_names"},
    ),
    "member_no_date": Case(
        asked("POST", "/api/v1/last-seen", "login-check", json={"day": "19.4.2026", "login_names": []}),
        {"name": "day"},
    ),
    "member_no_text": Case(asked("POST", "/api/v1/users", "users", json={"login_name": 5}), {"name": "login_name"}),
    "either_scope": Case(asked("GET", "/api/v1/users", "license"), {"one": "users", "other": "audit"}),
    "field_from": Case(page("/audit/history?from=yesterday"), {}),
    "field_to": Case(page("/audit/history?to=tomorrow"), {}),
    "field_event": Case(page("/audit/license?position=first"), {}),
    "field_moment": Case(page("/audit/license?as_of=noon"), {}),
    "field_page": Case(page("/audit/history?before=last"), {}),
    "kind_date": Case(page("/audit/history?from=yesterday"), {"example": "2026-04-01"}),
    # Mail
    "mail_settings_missing": Case(
        command("user", "list", SEATLEDGER_SMTP="smtp://localhost"),
        {"names": "SEATLEDGER_MAIL_FROM, SEATLEDGER_MAIL_TO"},
    ),
    "mail_recipients_many": Case(
        mailing("test", MAIL_TO=",".join(f"a{number}@example.com" for number in range(21))), {"most": "20"}
    ),
    "mail_address_invalid": Case(
        mailing("test", MAIL_FROM="Ann <ann@example.com>"),
        {"name": "SEATLEDGER_MAIL_FROM", "text": "Ann <ann@example.com>"},
    ),
    "mail_server_invalid": Case(mailing("test", SMTP="mail.example.com:25"), {}),
    "mail_password_unclear": Case(mailing("test", SMTP="smtp://ann@mail.example.com"), {}),
    "mail_password_characters": Case(mailing("test", SMTP="smtp://ann:gr%C3%BCn@mail.example.com"), {}),
    "mail_password_twice": Case(
        mailing("test", SMTP="smtp://ann:x@mail.example.com", SMTP_PASSWORD_FILE="{directory}/none"), {}
    ),
    "mail_not_connected": Case(
        mailing("test", SMTP="smtp://127.0.0.1:1"),
        {"host": "127.0.0.1", "port": "1", "reason": "Connection refused"},
    ),
    # Webhooks
    "url_no_url": Case(webhook("receiver.example"), {}),
    "url_characters": Case(webhook("https://receiver.example/ä"), {}),
    "url_with_password": Case(webhook("https://u:p@receiver.example/"), {}),
    "url_with_fragment": Case(webhook("https://receiver.example/#x"), {}),
    "url_host_unusable": Case(
        webhook("https://127.1/"), {"problem": "an address is written like “192.0.2.7” or “[2001:db8::7]”"}
    ),
    "url_not_https": Case(webhook("http://receiver.example/"), {"host": "receiver.example"}),
    "url_is_own": Case(webhook("https://localhost/"), {"host": "localhost"}),
    "host_unknown": Case(
        webhook("https://receiver.invalid/"), {"host": "receiver.invalid", "reason": why_unknown("receiver.invalid")}
    ),
    "address_private": Case(webhook("https://10.0.0.5/"), {"host": "10.0.0.5", "address": "10.0.0.5"}),
    "not_connected": Case(
        lambda place: webhook_tested(place), {"host": "127.0.0.1", "port": "1", "reason": "Connection refused"}
    ),
    "networks_invalid": Case(
        command("user", "list", SEATLEDGER_WEBHOOK_NETWORKS="10.0.0.1/8"),
        {"name": "SEATLEDGER_WEBHOOK_NETWORKS", "text": "10.0.0.1/8", "reason": "10.0.0.1/8 has host bits set"},
    ),
    "host_names_invalid": Case(
        command("user", "list", SEATLEDGER_WEBHOOK_HTTP_HOSTS="https://x"),
        {
            "name": "SEATLEDGER_WEBHOOK_HTTP_HOSTS",
            "text": "https://x",
            "problem": "a port is a number from 1 to 65535, and can be left out, since every port is meant",
        },
    ),
}


OF_A_FILE = pytest.param("move_refused", marks=pytest.mark.sqlite_alone("the file that it is in"))


@pytest.mark.parametrize("code", [*(code for code in SAID if code != "move_refused"), OF_A_FILE])
def test_the_sentence_of_a_refusal_states_what_is_true_of_the_input(house: House, code: str) -> None:
    place = Place(house)
    text = SAID[code].reading(place)
    assert stated(SENTENCES[code], SAID[code].facts, place) in text


@pytest.mark.parametrize("code", PROBLEMS_SAID)
def test_the_clause_of_a_refusal_states_what_is_true_of_the_input(house: House, code: str) -> None:
    place = Place(house)
    text = PROBLEMS_SAID[code].reading(place)
    assert stated(PROBLEMS[code], PROBLEMS_SAID[code].facts, place) in text


def test_no_refusal_is_without_a_case() -> None:
    assert {*SAID, *ELSEWHERE} == set(SENTENCES)
    assert not SAID.keys() & ELSEWHERE.keys()


@pytest.mark.parametrize("code", ELSEWHERE)
def test_what_is_led_to_elsewhere_is_told_there(code: str) -> None:
    path, cited = ELSEWHERE[code]
    assert cited in (ROOT / path).read_text(encoding="utf-8")


def test_no_clause_is_without_a_case() -> None:
    """It has one here, or a test elsewhere cites three words of it that follow one another."""
    sources = (path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))
    everything = words_of("\n".join(path.read_text(encoding="utf-8") for path in sources))
    uncited = {code for code, said in PROBLEMS.items() if code not in PROBLEMS_SAID and not is_cited(said, everything)}
    assert uncited == set()


def words_of(source: str) -> str:
    """Python's source with texts that go on in the next line put together."""
    return re.sub(r'"\s*\n\s*f?"', "", source)


def is_cited(said: Message, source: str) -> bool:
    """Whether three words of a message that follow one another stand in the source; all, if it has fewer."""
    texts = said if isinstance(said, Plural) else (said,)
    for words in (literal.strip(" .,:;").split() for text in texts for literal, *_ in Formatter().parse(text)):
        runs = (" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2)))
        if any(len(run) > 9 and run in source for run in runs):
            return True
    return False


ALL_SENTENCES = [*SENTENCES.values(), *PROBLEMS.values(), *WARNINGS.values(), *chain(*FINDINGS.values())]
COMMANDS = sorted(
    {
        command
        for said in ALL_SENTENCES
        for text in (said if isinstance(said, Plural) else (said,))
        for command in re.findall(r"“seatledger ([^”]+)”", text)
    }
)


@pytest.mark.parametrize("typed", COMMANDS)
def test_every_command_that_a_sentence_names_is_there(typed: str) -> None:
    words = [word for word in typed.split() if not word.startswith(("{", "<"))]
    found: click.Command = seatledger
    while words and isinstance(found, click.Group):
        found = found.get_command(click.Context(found), words.pop(0))  # type: ignore[assignment]  # None fails below
        assert found is not None, typed
    options = {name for parameter in found.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_commands_are_found_in_the_sentences() -> None:
    assert len(COMMANDS) > 5


def _opened(place: Place, link: str) -> str:
    visitor = place.house.visitor()
    return text_of(visitor.follow(visitor.post("/password/link", link=link)))


def _guessed(place: Place) -> str:
    visitor = place.house.visitor()
    for _ in range(6):
        answer = visitor.sign_in("admin", "wrong")
    return text_of(answer)


def _done_without_the_right(place: Place) -> str:
    """By somebody who had the right when it was asked for, and lost it before the command was done."""
    place.house.add_user("Eve", administrator=True)
    by = f"user:{place.house.view.account_id('Eve')}"
    place.house.do("revoke_administrator", "Eve")
    return refused(lambda: place.house.add("Ann", by=by))(place)


def _undone(place: Place) -> str:
    command_id = uuid4()
    place.house.do("add_users", ["Ann"], command_id=command_id)
    place.house.do("delete_user", "Ann", command_id=UUID(LATER))
    return command("user", "undo", command_id)(place)


def _renamed_without_a_key(place: Place) -> str:
    """As long as a server runs, it knows Ann's name; the database no longer does."""
    place.house.add_user("Ann")
    account_id = str(place.house.view.account_id("Ann"))
    with place.house.attacker() as connection:
        connection.execute("DELETE FROM person_keys WHERE account_id = ?", (account_id,))
    return form("/users/rename", login_name="Ann", new_name="Anna")(place).replace(account_id, ID)


def _undone_key(place: Place) -> str:
    place.house.do("register_license_key", a_key(), command_id=UUID(ID))
    return command("user", "undo", ID)(place)


def _asked_with_a_revoked_token(place: Place) -> str:
    token = place.house.token("users")
    place.house.do("revoke_token", token[4:12])
    return str(Program(place.house.app, token).get("/api/v1/users").get_json(force=True)["detail"])

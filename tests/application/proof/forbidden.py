"""Events that no command records: what somebody who can write the database may append, each with what must be found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.proof.verify_export import leaf
from domain.license import fields_of_key
from tests.application.license_keys.crafting import with_claims
from tests.examples import ADMINISTRATOR, OTHER_INSTALLATION_ID, a_key, a_license_key, a_period, seconds
from tests.proof_examples import a_sealed_name
from tests.world import World

Fields = dict[str, Any]

TODAY = "2026-05-04"
ISSUED = seconds("2026-04-20T09:00:00+00:00")


class Scene:
    """An installation with everybody whom a forbidden event may be about, and a pen to append events."""

    def __init__(self, world: World) -> None:
        self.world = world
        view = world.view
        self.operator, *_, self.gone = dict.fromkeys(entry.event.by for entry in world.entries)
        self.ids = {
            name: view.account_id(name) or "" for name in (ADMINISTRATOR, "alice", "bob", "carol", "auditor", "former")
        }
        self.ids["dave"] = next(user.user_id for user in view.users.values() if user.is_erased)
        self.tokens = {token.name: token.token_id for token in view.tokens.values()}
        self.key_id = next(str(entry.event.key_id) for entry in world.entries if entry.kind == "LicenseRegistered")
        self.position = world.size() + 1

    def new(self) -> str:
        return str(uuid5(UUID(OTHER_INSTALLATION_ID), f"new at {self.position}"))

    def append(self, kind: str, **fields: Any) -> None:
        """Append an event in the form of its kind, by the operator of all others, now, if not said otherwise."""
        stamp = {
            "timestamp": {"_type_": "datetime_iso", "_data_": f"{TODAY}T10:00:00+00:00"},
            "by": self.operator,
            "command_id": str(uuid5(UUID(OTHER_INSTALLATION_ID), f"command {self.position}")),
            "day": TODAY,
        }
        self.write(kind, json.dumps(stamp | fields, ensure_ascii=False, separators=(",", ":")))

    def write(self, kind: str, state: str) -> None:
        """Append any state, with its true leaf, as somebody with the file can."""
        topic, stored, id_ = f"seatledger:{kind}", state.encode(), self.world.id
        with self.world.attacker() as connection:
            row = (id_.hex, self.position, topic, stored)
            connection.execute("INSERT INTO stored_events VALUES (?, ?, ?, ?)", row)
            hashed = leaf(id_, self.position, topic, stored)
            connection.execute("INSERT INTO merkle_leaves VALUES (?, ?, ?)", (id_.hex, self.position, hashed))
        self.position += 1

    def user(self, **fields: Any) -> None:
        """Append a new user."""
        self.append(
            "UserAdded", **{"user_id": self.new(), "administrator": False, "sealed_name": a_sealed_name("x"), **fields}
        )

    def key(self, *, stamp: Fields | None = None, **license_fields: Any) -> None:
        """Append a license key that the vendor signed."""
        self.append("LicenseRegistered", **key_fields(**license_fields), **(stamp or {}))

    def altered(self, change: Callable[[str], str], **fields: Any) -> None:
        """Append a new user whose state was altered as a text."""
        stored = self.stored_user(**fields)
        changed = change(stored)
        assert changed != stored, "nothing was altered"
        self.write("UserAdded", changed)

    def stored_user(self, **fields: Any) -> str:
        user = {"user_id": self.new(), "administrator": False, "sealed_name": a_sealed_name("x"), **fields}
        stamp = {
            "timestamp": {"_type_": "datetime_iso", "_data_": f"{TODAY}T10:00:00+00:00"},
            "by": self.operator,
            "command_id": self.new(),
            "day": TODAY,
        }
        return json.dumps({**stamp, **user}, separators=(",", ":"))


def key_fields(**license_fields: Any) -> Fields:
    return fields_of_key(a_license_key(**{"issued_at": ISSUED, **license_fields}))


def a_scene(world: World) -> None:
    """Live what a scene needs in a world that is bare: six people, four tokens, two keys, on the fourth of May."""
    world.on("2026-04-01").open()
    world.register(licenses=9)
    world.add("alice", "carol", "dave")
    world.add("bob", administrator=True)
    world.do("record_password_change", world.view.account_id(ADMINISTRATOR), "machine")
    world.do("delete_users", ["carol", "dave"])
    world.licensing.erasing.user(world.id, "dave", by="cli:tester")
    world.do("add_user", "frank", by="cli:gone")
    world.licensing.erasing.operator(world.id, "gone", by="cli:tester")
    world.do("add_auditor", "auditor")
    world.do("add_auditor", "former")
    world.do("remove_auditor", "former")
    for name, scopes, days in (("users", ["users"], None), ("login", ["login-check"], None), ("over", ["users"], 1)):
        world.do("create_token", name, scopes, expires_after=days)
    world.do("revoke_token", world.do("create_token", "revoked", ["users"]).token_id)
    world.on("2026-05-02").register(licenses=9, issued_at=ISSUED, license_period=a_period("2026-04-01", "2028-03-31"))
    world.on(TODAY).add("eve")


def moment(day: str) -> Fields:
    return {"timestamp": {"_type_": "datetime_iso", "_data_": f"{day}T10:00:00+00:00"}}


FOREIGN = Ed25519PrivateKey.from_private_bytes(b"Seatledger: no key of the vendor")
ROOT = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="


class Forbidden(NamedTuple):
    """A kind of forbidden event: what it is, the code or the rule that finds it, and how it is appended."""

    what: str
    found: str
    append: Callable[[Scene], object]  # object: what it gives is let go


def _after_demoting_the_other(scene: Scene, kind: str) -> None:
    """Two events, of which the first one is honest."""
    scene.append("AdministratorRevoked", user_id=scene.ids["bob"])
    scene.append(kind, user_id=scene.ids[ADMINISTRATOR])


def _anchored(scene: Scene, alarm: Fields | None = None) -> None:
    """A key with a true anchor, at the size of the newest checkpoint, and an alarm behind it."""
    _, size, root, *_ = scene.world.audit.checkpoints(scene.world.id)[-1].note.split("\n")
    claims = {"x_log_size": int(size), "x_log_root": root}
    command = {"command_id": scene.new()}
    scene.key(licenses=7, other_claims=claims, stamp=command)
    scene.append(
        "LogAnchorContradicted", **(alarm or {"size": claims["x_log_size"], "root": claims["x_log_root"]}), **command
    )


def _accepted(scene: Scene, **fields: Any) -> None:
    _, size, root, *_ = scene.world.audit.checkpoints(scene.world.id)[-1].note.split("\n")
    accepted = {"size": int(size), "root": root, "lost_size": scene.position + 5, "lost_root": ROOT}
    scene.append("RestoreAccepted", **{**accepted, **fields})


def _token(scene: Scene, **fields: Any) -> None:
    created = {"token_id": "aaaaaaaa", "name": "n", "scopes": ["users"], "digest": "0" * 64, "expires_on": None}
    scene.append("TokenCreated", **{**created, **fields})


def _password(scene: Scene, name: str, how: str = "machine", **fields: Any) -> None:
    scene.append("PasswordChanged", account_id=scene.ids[name], how=how, **fields)


def _registered(scene: Scene, **changed: Any) -> None:
    scene.append("LicenseRegistered", **{**key_fields(licenses=7), **changed})


FORBIDDEN = [
    # What is so already changes nothing (U7).
    Forbidden("a deleted user is deleted", "U7", lambda s: s.append("UserDeleted", user_id=s.ids["carol"])),
    Forbidden("a present user is restored", "U7", lambda s: s.append("UserRestored", user_id=s.ids["alice"])),
    Forbidden("an administrator is granted it", "U7", lambda s: s.append("AdministratorGranted", user_id=s.ids["bob"])),
    Forbidden(
        "a user who is none is demoted", "U7", lambda s: s.append("AdministratorRevoked", user_id=s.ids["alice"])
    ),
    Forbidden("a removed auditor is removed", "U7", lambda s: s.append("AuditorRemoved", auditor_id=s.ids["former"])),
    Forbidden("a revoked token is revoked", "U7", lambda s: s.append("TokenRevoked", token_id=s.tokens["revoked"])),
    # Who is who (U2).
    Forbidden("a user's id twice", "U2", lambda s: s.user(user_id=s.ids["alice"])),
    Forbidden("a deleted user's id again", "U2", lambda s: s.user(user_id=s.ids["carol"])),
    Forbidden("an erased user's id again", "U2", lambda s: s.user(user_id=s.ids["dave"])),
    Forbidden(
        "an auditor with a user's id",
        "U2",
        lambda s: s.append("AuditorAdded", auditor_id=s.ids["alice"], sealed_name=a_sealed_name("x")),
    ),
    Forbidden(
        "an operator twice",
        "U2",
        lambda s: s.append("OperatorSeen", operator_id=s.operator[9:], sealed_name=a_sealed_name("x")),
    ),
    Forbidden("nobody is deleted", "U2", lambda s: s.append("UserDeleted", user_id=s.new())),
    Forbidden("an auditor is deleted as a user", "U2", lambda s: s.append("UserDeleted", user_id=s.ids["auditor"])),
    Forbidden("nobody is removed", "U2", lambda s: s.append("AuditorRemoved", auditor_id=s.new())),
    Forbidden(
        "nobody is renamed", "U2", lambda s: s.append("UserRenamed", user_id=s.new(), sealed_name=a_sealed_name("x"))
    ),
    # The last administrator (U3).
    Forbidden("the last administrator is deleted", "U3", lambda s: _after_demoting_the_other(s, "UserDeleted")),
    Forbidden(
        "the last administrator is demoted", "U3", lambda s: _after_demoting_the_other(s, "AdministratorRevoked")
    ),
    Forbidden(
        "the last one with a password is demoted",
        "U3",
        lambda s: s.append("AdministratorRevoked", user_id=s.ids[ADMINISTRATOR]),
    ),
    # Who has no right (U6).
    Forbidden("a deleted user is promoted", "U6", lambda s: s.append("AdministratorGranted", user_id=s.ids["carol"])),
    Forbidden(
        "a deleted user is renamed",
        "U6",
        lambda s: s.append("UserRenamed", user_id=s.ids["carol"], sealed_name=a_sealed_name("x")),
    ),
    Forbidden("a password for a user who is none", "U6", lambda s: _password(s, "alice")),
    Forbidden("a password for a removed auditor", "U6", lambda s: _password(s, "former")),
    Forbidden("a link for a deleted user", "U6", lambda s: s.append("PasswordLinkMade", account_id=s.ids["carol"])),
    Forbidden("a link for nobody", "U6", lambda s: s.append("PasswordLinkMade", account_id=s.new())),
    # People who are forgotten (P1, P2).
    Forbidden("a present user is erased", "P2", lambda s: s.append("PersonErased", account_id=s.ids["alice"])),
    Forbidden("a present auditor is erased", "P2", lambda s: s.append("PersonErased", account_id=s.ids["auditor"])),
    Forbidden("an erased user is erased", "P2", lambda s: s.append("PersonErased", account_id=s.ids["dave"])),
    Forbidden(
        "the server deletes a user whom it did not erase",
        "P2",
        lambda s: s.append("UserDeleted", user_id=s.ids["alice"], by="server"),
    ),
    Forbidden(
        "the server removes an auditor whom it did not erase",
        "P2",
        lambda s: s.append("AuditorRemoved", auditor_id=s.ids["auditor"], by="server"),
    ),
    Forbidden("nobody is erased", "P2", lambda s: s.append("PersonErased", account_id=s.new())),
    Forbidden("an erased user is restored", "P2", lambda s: s.append("UserRestored", user_id=s.ids["dave"])),
    Forbidden(
        "a name copied from somebody else",
        "P1",
        lambda s: (s.user(), s.user()),
    ),
    Forbidden(
        "a nonce seals two names",
        "P1",
        lambda s: (
            s.user(user_id=s.new()),
            s.append(
                "UserRenamed",
                user_id=str(uuid5(UUID(OTHER_INSTALLATION_ID), f"new at {s.position - 1}")),
                sealed_name=a_sealed_name("x"),
            ),
        ),
    ),
    # License keys (K2 to K9).
    Forbidden("a key again", "K2", lambda s: s.key(licenses=9, license_period=a_period("2026-04-01", "2028-03-31"))),
    Forbidden(
        "another key with its id",
        "K2",
        lambda s: s.key(licenses=500, key_id=s.key_id),
    ),
    Forbidden("an old key of many seats", "K3", lambda s: s.key(licenses=100, issued_at=ISSUED - 1)),
    Forbidden("a key that was over", "K4", lambda s: s.key(license_period=a_period("2025-04-01", "2026-03-31"))),
    Forbidden("a key issued in the future", "K9", lambda s: s.key(issued_at=seconds("2026-05-06T10:00:00+00:00"))),
    Forbidden("a key of another installation", "license_key_invalid", lambda s: s.key(audience=OTHER_INSTALLATION_ID)),
    Forbidden("a key of another product", "license_key_invalid", lambda s: s.key(product="other")),
    Forbidden(
        "a key that the vendor did not sign",
        "license_key_invalid",
        lambda s: _registered(s, key_text=a_key(licenses=7, issued_at=ISSUED, signing_key=FOREIGN)),
    ),
    Forbidden(
        "a key of no seats",
        "license_key_invalid",
        lambda s: _registered(s, key_text=with_claims(licenses=0)),
    ),
    Forbidden("a key whose event says more seats", "license_key_contradicted", lambda s: _registered(s, licenses=700)),
    Forbidden(
        "a key refused for no reason",
        "K7",
        lambda s: s.append("LicenseKeyRefused", code="because", fingerprint="0" * 64),
    ),
    # Days (L3).
    Forbidden("a day that goes back", "L3", lambda s: s.user(day="2026-05-03")),
    Forbidden("a day of next year", "L3", lambda s: s.user(day="2027-05-04")),
    Forbidden("a moment years later than its day", "L3", lambda s: s.user(**moment("2036-05-04"))),
    Forbidden("the clock corrected forward", "L3", lambda s: s.append("ClockCorrected", day="2026-05-05")),
    Forbidden("the clock corrected to the same day", "L3", lambda s: s.append("ClockCorrected")),
    Forbidden(
        "the clock corrected before the newest key",
        "L3",
        lambda s: s.append("ClockCorrected", day="2026-04-18", **moment("2026-04-18")),
    ),
    Forbidden(
        "the clock corrected beyond the clock",
        "L3",
        lambda s: s.append("ClockCorrected", day="2026-05-03", **moment("2026-05-01")),
    ),
    Forbidden("a day reached on which nothing turns", "L3", lambda s: s.append("DayReached", by="server")),
    Forbidden(
        "a day reached by an operator",
        "A1",
        lambda s: s.append("DayReached", day="2028-04-01", **moment("2028-04-01")),
    ),
    # Who does it (A1).
    Forbidden("by nobody", "A1", lambda s: s.user(by="")),
    Forbidden("by an operating-system name", "A1", lambda s: s.user(by="cli:root")),
    Forbidden("by an operator who was never seen", "A1", lambda s: s.user(by=f"operator:{s.new()}")),
    Forbidden("by an erased operator", "A1", lambda s: s.user(by=s.gone)),
    Forbidden("by an ordinary user", "A1", lambda s: s.user(by=f"user:{s.ids['alice']}")),
    Forbidden("by a deleted user", "A1", lambda s: s.user(by=f"user:{s.ids['carol']}")),
    Forbidden("by a user who is an operator", "A1", lambda s: s.user(by=f"user:{s.operator[9:]}")),
    Forbidden("a user added by an auditor", "A1", lambda s: s.user(by=f"auditor:{s.ids['auditor']}")),
    Forbidden(
        "a password by a removed auditor",
        "A1",
        lambda s: _password(s, "auditor", "own", by=f"auditor:{s.ids['former']}"),
    ),
    Forbidden(
        "another's password by an auditor",
        "A1",
        lambda s: _password(s, ADMINISTRATOR, "own", by=f"auditor:{s.ids['auditor']}"),
    ),
    Forbidden(
        "another's password by an administrator",
        "A1",
        lambda s: _password(s, "auditor", "own", by=f"user:{s.ids['bob']}"),
    ),
    Forbidden(
        "a password changed that never was",
        "A1",
        lambda s: _password(s, "bob", "own", by=f"user:{s.ids['bob']}"),
    ),
    Forbidden(
        "a password by a link that never was",
        "A1",
        lambda s: _password(s, "bob", "link", by=f"user:{s.ids['bob']}"),
    ),
    Forbidden(
        "an auditor erased by a token",
        "A1",
        lambda s: s.append("PersonErased", account_id=s.ids["former"], by=f"token:{s.tokens['users']}"),
    ),
    Forbidden("a password in an unknown way", "A1", lambda s: _password(s, "bob", "magic")),
    Forbidden("by a revoked token", "A1", lambda s: s.user(by=f"token:{s.tokens['revoked']}")),
    Forbidden("by a token that is over", "A1", lambda s: s.user(by=f"token:{s.tokens['over']}")),
    Forbidden("by a token that never was", "A1", lambda s: s.user(by="token:aaaaaaaa")),
    Forbidden("by a token without the scope", "A1", lambda s: s.user(by=f"token:{s.tokens['login']}")),
    Forbidden(
        "an administrator by a token for users",
        "A1",
        lambda s: s.user(by=f"token:{s.tokens['users']}", administrator=True),
    ),
    Forbidden("a token made by a token", "A1", lambda s: _token(s, by=f"token:{s.tokens['users']}")),
    Forbidden("a user added by the server", "A1", lambda s: s.user(by="server")),
    Forbidden(
        "an operator seen by another",
        "A1",
        lambda s: s.append("OperatorSeen", operator_id=s.new(), sealed_name=a_sealed_name("x")),
    ),
    # The log itself (A2).
    Forbidden("an alarm without a key", "A2", lambda s: s.append("LogAnchorContradicted", size=3, root=ROOT)),
    Forbidden("an alarm that is not true", "A2", _anchored),
    Forbidden("an alarm of another anchor", "A2", lambda s: _anchored(s, alarm={"size": 3, "root": ROOT})),
    Forbidden(
        "a true alarm of another command",
        "A2",
        lambda s: (
            s.key(licenses=7, other_claims={"x_log_size": 3, "x_log_root": ROOT}),
            s.append("LogAnchorContradicted", size=3, root=ROOT),
        ),
    ),
    Forbidden("a restore to what never was", "A2", lambda s: _accepted(s, root=ROOT)),
    Forbidden("a restore that lost nothing", "A2", lambda s: _accepted(s, lost_size=3)),
    Forbidden("a restore accepted by an administrator", "A1", lambda s: _accepted(s, by=f"user:{s.ids['bob']}")),
    # Tokens.
    Forbidden("a token for what does not exist", "tokens", lambda s: _token(s, scopes=["everything"])),
    Forbidden("a token with a scope twice", "tokens", lambda s: _token(s, scopes=["users", "users"])),
    Forbidden("a token for nothing", "tokens", lambda s: _token(s, scopes=[])),
    Forbidden("a token's id twice", "tokens", lambda s: _token(s, token_id=s.tokens["revoked"])),
    Forbidden("a token that was over", "tokens", lambda s: _token(s, expires_on="2026-05-01")),
    Forbidden("a token for a hundred years", "tokens", lambda s: _token(s, expires_on="2126-05-04")),
    Forbidden("a token that never was is revoked", "tokens", lambda s: s.append("TokenRevoked", token_id="aaaaaaaa")),
    # Kinds and forms.
    Forbidden(
        "a second opening",
        "unknown_topic",
        lambda s: s.append(
            "InstallationOpened", originator_topic="seatledger:Installation", name="N", product="P", time_zone="UTC"
        ),
    ),
    Forbidden("a kind that there is not", "unknown_topic", lambda s: s.append("SeatsGiven", seats=99)),
    Forbidden("the library's own opening", "unknown_topic", lambda s: s.append("Created")),
    Forbidden(
        "a name in clear",
        "malformed_state",
        lambda s: s.append("UserAdded", user_id=s.new(), login_name="x", login_key="x", administrator=False),
    ),
    Forbidden("a member too many", "malformed_state", lambda s: s.user(login_name="x")),
    Forbidden(
        "a member missing", "malformed_state", lambda s: s.append("UserAdded", user_id=s.new(), administrator=False)
    ),
    Forbidden(
        "a member twice", "malformed_state", lambda s: s.altered(lambda text: text[:-1] + ',"administrator":true}')
    ),
    Forbidden("blanks", "malformed_state", lambda s: s.altered(lambda text: text.replace('":', '": ', 1))),
    Forbidden("a number for true", "malformed_state", lambda s: s.user(administrator=1)),
    Forbidden("a number with a fraction", "malformed_state", lambda s: _accepted(s, size=3.0)),
    Forbidden("true for a number", "malformed_state", lambda s: _accepted(s, size=True)),
    Forbidden(
        "a number in another writing", "malformed_state", lambda s: s.altered(lambda text: text[:-1] + ',"n":-0}')
    ),
    Forbidden(
        "half of a character",
        "malformed_state",
        lambda s: s.write("LicenseKeyRefused", s.stored_user().replace('"user_id"', '"code":"\\ud800","user_id"')),
    ),
    Forbidden(
        "an escape that is not needed",
        "malformed_state",
        lambda s: s.altered(lambda t: t.replace("oper", "\\u006fper")),
    ),
    Forbidden("a sealed name that is too short", "malformed_state", lambda s: s.user(sealed_name="QUJD")),
    Forbidden("a sealed name of no whole block", "malformed_state", lambda s: s.user(sealed_name="A" * 128)),
    Forbidden("a sealed name that is no base64", "malformed_state", lambda s: s.user(sealed_name="?" * 124)),
    Forbidden("an id in capitals", "malformed_state", lambda s: s.user(user_id=s.new().upper())),
    Forbidden("a command that is no UUID", "malformed_state", lambda s: s.user(command_id="1")),
    Forbidden("a day in another writing", "malformed_state", lambda s: s.user(day="20260504")),
    Forbidden("a day that is none", "malformed_state", lambda s: s.user(day="2026-02-30")),
    Forbidden(
        "a moment that is not in UTC",
        "malformed_state",
        lambda s: s.user(timestamp={"_type_": "datetime_iso", "_data_": f"{TODAY}T10:00:00+02:00"}),
    ),
    Forbidden("a state that is a list", "malformed_state", lambda s: s.write("UserDeleted", "[]")),
]

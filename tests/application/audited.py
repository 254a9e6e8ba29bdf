"""A real installation whose log is audited, on a clock set by hand, and what an attacker with the file can do to it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.auditing import AuditLog, Export
from application.license_keys import Keyring, LicenseKeys, VerificationKey
from application.licensing import Licensing
from application.log import open_log
from application.log.mapper import AllowedTopicsMapper
from application.proof.anchor import Anchor
from application.proof.notes import Checkpoint, origin_of, vkey
from application.proof.verify_export import Finding, Report, verify
from application.views.replay import Replay
from domain.login import decide
from domain.refusals import KeyRefused
from tests.application.stores import BY
from tests.clock import SetClock
from tests.database import Connection, attacking, back_up
from tests.examples import KEYRING, KID, PRODUCT, REVOKED_KID, REVOKED_SIGNING_KEY, SIGNING_KEY, a_key, a_period
from tests.proof_examples import LOG_KEY

NOT_YET_REVOKED = Keyring(
    [
        VerificationKey(KID, SIGNING_KEY.public_key(), issuer="Example Vendor"),
        VerificationKey(REVOKED_KID, REVOKED_SIGNING_KEY.public_key(), issuer="Example Vendor"),
    ]
)
"""The keyring as it was before the vendor revoked a key of it."""


class Audited:
    """An installation in a database file, its use cases, and its audit log; `log_key` can be exchanged."""

    def __init__(self, path: Path, installation_id: UUID | None = None, *, clock: SetClock | None = None) -> None:
        self.path, self.clock = path, clock or SetClock()
        self.keyring = KEYRING
        self.log_key: Ed25519PrivateKey = LOG_KEY
        self.licensing = Licensing(open_log(f"sqlite:///{path}"), lambda: LicenseKeys(self.keyring), self.clock)
        self.audit = self.another_signer()
        self.id = installation_id or self.do_open()

    def do_open(self) -> UUID:
        return self.licensing.open_installation("Acme", PRODUCT, "Europe/Berlin", "admin", by=BY)

    def another_signer(self) -> AuditLog:
        """The audit log as another process has it."""
        return AuditLog(open_log(f"sqlite:///{self.path}"), lambda: self.log_key, self.clock)

    @property
    def vkey(self) -> str:
        return vkey(origin_of(self.id), self.log_key.public_key())

    def add(self, *names: str) -> None:
        for name in names:
            self.licensing.add_user(self.id, name, by=BY)

    def register(self, text: str | None = None, **license_fields: Any) -> None:
        license_fields.setdefault("issued_at", int(self.clock().timestamp()))
        self.licensing.register_license_key(self.id, text or a_key(**license_fields), by=BY)

    def size(self) -> int:
        return self.audit.size(self.id)

    def checkpoint(self, **options: Any) -> str:
        return self.audit.take_checkpoint(self.id, **options)

    def exported(self) -> tuple[bytes, Export]:
        stream = io.BytesIO()
        done = self.audit.export(self.id, stream, keyring=self.keyring)
        return stream.getvalue(), done

    def verified(self, **own: Any) -> Report:
        """What the verifier says of an export, made now, replayed in the same pass."""
        export, _ = self.exported()
        return verified_with_replay(export, **own)

    def finding(self, **own: Any) -> tuple[str, int | None]:
        found = self.verified(**own).finding
        assert found is not None, "nothing was found to be wrong"
        return found.code, found.position

    def check(self, name: str = "admin") -> tuple[str, str]:
        made = decide(self.licensing.now(self.id), name)
        return made.decision.value, made.code

    def copy_to(self, path: Path) -> Path:
        """A backup."""
        back_up(self.path, path)
        return path

    def close(self) -> None:
        self.licensing.close()

    def attacker(self) -> AbstractContextManager[Connection]:
        """Somebody with access to the file."""
        return attacking(self.path)


@contextmanager
def audited(path: Path, *options: Any, **more: Any) -> Iterator[Audited]:
    """An installation over a file, closed in the end."""
    one = Audited(path, *options, **more)
    try:
        yield one
    finally:
        one.close()


def verified_with_replay(export: bytes, **own: Any) -> Report:
    """The report on an export, with what a replay says of it, as `seatledger audit verify` gives it."""
    replay = Replay(AllowedTopicsMapper.plain())
    report = verify(io.BytesIO(export), on_event=replay.event, **own)
    if report.finding is None:
        try:
            state = replay.state()
        except Finding as finding:
            report.finding = finding
        else:
            assert state == report.state
    return report


def live_a_life(one: Audited) -> list[str]:
    """Every kind of event, and a checkpoint now and then; gives the checkpoints."""
    licensing, id_, notes = one.licensing, one.id, []

    def do(command: str, *args: Any, **options: Any) -> Any:
        return getattr(licensing, command)(id_, *args, by=BY, **options)

    one.keyring = NOT_YET_REVOKED
    one.register(a_key(signing_key=REVOKED_SIGNING_KEY, kid=REVOKED_KID, licenses=2))
    one.add("alice", "bjørn", "山田太郎")
    one.clock.set("2026-04-02")
    with suppress(KeyRefused):
        do("register_license_key", "this is no license key")
    do("delete_user", "alice")
    notes.append(one.checkpoint())
    one.clock.set("2026-05-04")
    do("restore_user", "alice")
    do("grant_administrator", "bjørn")
    do("record_password_change", licensing.now(id_).view.account_id("admin"), "machine")
    do("record_password_link", licensing.now(id_).view.account_id("bjørn"))
    do("record_password_change", licensing.now(id_).view.account_id("bjørn"), "link")
    do("add_auditor", "Auditor & Sons")
    do("add_auditor", "former")
    do("remove_auditor", "former")
    token = do("create_token", "gateway", ["login-check"], expires_after=30)
    notes.append(one.checkpoint())
    do("revoke_token", token.token_id)
    do("revoke_administrator", "bjørn")
    one.clock.set("2026-06-01")
    size, root = notes[-1].split("\n")[1:3]
    one.register(
        licenses=9,
        optional_products=("Analytics", "Reports"),
        other_claims={"x_log_size": int(size), "x_log_root": root},
    )
    wrong = Anchor.claims(Checkpoint("", 3, b"\1" * 32))
    one.register(licenses=8, license_period=a_period("2027-04-01", "2028-03-31"), other_claims=wrong)
    one.clock.set("2096-06-01")
    one.add("from the future")
    one.clock.set("2026-06-02")
    do("correct_clock", one.clock().date())
    one.add("zoë")
    notes.append(one.checkpoint())
    one.keyring = KEYRING
    return notes

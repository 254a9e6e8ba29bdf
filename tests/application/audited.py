"""A log that is audited: what an auditor gets and finds in it, and a life that has every kind of event."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import date
from typing import Any

from application.auditing import Export
from application.license_keys import Keyring, VerificationKey
from application.log.mapper import AllowedTopicsMapper
from application.proof.anchor import Anchor
from application.proof.notes import Checkpoint
from application.proof.verify_export import Finding, Report, verify
from application.views.replay import Replay
from domain.refusals import KeyRefused
from tests.examples import KEYRING, KID, REVOKED_KID, REVOKED_SIGNING_KEY, SIGNING_KEY, a_key, a_period
from tests.world import World

NOT_YET_REVOKED = Keyring(
    [
        VerificationKey(KID, SIGNING_KEY.public_key(), issuer="Example Vendor"),
        VerificationKey(REVOKED_KID, REVOKED_SIGNING_KEY.public_key(), issuer="Example Vendor"),
    ]
)
"""The keyring as it was before the vendor revoked a key of it."""


def export_of(world: World) -> tuple[bytes, Export]:
    """The export of everything, made now, and what is said of it."""
    stream = io.BytesIO()
    done = world.audit.export(world.id, stream, keyring=world.keyring)
    return stream.getvalue(), done


def report_of(world: World, **own: Any) -> Report:
    """What the verifier says of an export, made now, replayed in the same pass."""
    export, _ = export_of(world)
    return verify_with_replay(export, **own)


def finding_of(world: World, **own: Any) -> tuple[str, int | None]:
    """Code and position of what the same report says to be wrong."""
    wrong = report_of(world, **own).finding
    assert wrong is not None, "nothing was found to be wrong"
    return wrong.code, wrong.position


def verify_with_replay(export: bytes, **own: Any) -> Report:
    """The report on an export, with what a replay says of it, as `seatledger audit verify` gives it."""
    replay = Replay(AllowedTopicsMapper())
    report = verify(io.BytesIO(export), on_event=replay.event, **own)
    if report.is_whole:
        try:
            state = replay.state()
        except Finding as finding:
            report.finding = finding
        else:
            assert state == report.state
    return report


def live_a_life(world: World) -> list[str]:
    """Every kind of event, and a checkpoint now and then; gives the checkpoints."""
    notes = []
    world.trust(NOT_YET_REVOKED)
    world.register(a_key(signing_key=REVOKED_SIGNING_KEY, kid=REVOKED_KID, licenses=2))
    world.add("alice", "bjørn", "山田太郎")
    world.on("2026-04-02")
    with suppress(KeyRefused):
        world.register("this is no license key")
    world.do("delete_user", "alice")
    notes.append(world.checkpoint())
    world.on("2026-05-04")
    world.do("restore_user", "alice")
    world.do("grant_administrator", "bjørn")
    world.do("record_password_change", world.view.account_id("admin"), "machine")
    world.do("record_password_link", world.view.account_id("bjørn"))
    bjørn = world.view.account_id("bjørn")
    world.do("record_password_change", bjørn, "link", by=f"user:{bjørn}")
    world.do("add_auditor", "Auditor & Sons")
    world.do("add_auditor", "former")
    world.do("remove_auditor", "former")
    token = world.do("create_token", "gateway", ["login-check"], expires_after=30)
    notes.append(world.checkpoint())
    world.do("revoke_token", token.token_id)
    world.do("revoke_administrator", "bjørn")
    world.on("2026-06-01")
    size, root = notes[-1].split("\n")[1:3]
    world.register(
        licenses=9,
        optional_products=("Analytics", "Reports"),
        other_claims={"x_log_size": int(size), "x_log_root": root},
    )
    wrong = Anchor.claims(Checkpoint("", 3, b"\1" * 32))
    world.register(licenses=8, license_period=a_period("2027-04-01", "2028-03-31"), other_claims=wrong)
    world.on("2096-06-01").add("from the future")
    world.on("2026-06-02")
    world.do("correct_clock", date(2026, 6, 2))
    world.add("zoë")
    notes.append(world.checkpoint())
    world.trust(KEYRING)
    return notes

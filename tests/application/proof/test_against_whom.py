"""Who can do what to a history, and what an auditor finds of it: every attack that docs/audit.md names, tried."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from application.license_keys import Keyring, VerificationKey
from application.proof.verify_export import Finding, Report, leaf, verify
from tests.application.audited import export_of
from tests.application.proof.forbidden import FOREIGN, Scene, a_scene, key_fields
from tests.examples import ADMINISTRATOR, KID, a_key
from tests.proof_examples import KEYRING_FILE, OTHER_LOG_KEY
from tests.world import World

PAGE = Path(__file__).parents[3] / "docs" / "audit.md"

PROMOTED = 5
"""The position at which a user was added whom forgers make an administrator."""


@dataclass
class Audited:
    """An installation on a machine, and what its auditor keeps elsewhere: a checkpoint, the log key, the keyring."""

    world: World
    kept: str
    log_key: str

    # What the auditor does.

    def report(self, export: bytes | None = None, **own: Any) -> Report:
        """On an export, made now if it is not given, with everything that the auditor kept."""
        own = {"log_keys": [self.log_key], "keyring": KEYRING_FILE, "kept_checkpoints": [[self.kept]], **own}
        return verify(io.BytesIO(export_of(self.world)[0] if export is None else export), **own)

    def report_without_checkpoint(self) -> Report:
        return self.report(kept_checkpoints=[])

    # What somebody does who can write the database.

    def write(self, statement: str, *values: object) -> None:
        with self.world.attacker() as attacker:
            attacker.execute(statement, values)

    def forge(self, position: int = PROMOTED, *, leaf_too: bool = True) -> None:
        """Let a user have been an administrator from the first."""
        topic, state = self.world.sql("SELECT topic, state FROM stored_events WHERE originator_version = ?", position)[
            0
        ]
        forged = state.replace(b'"administrator":false', b'"administrator":true')
        assert forged != state
        self.write("UPDATE stored_events SET state = ? WHERE originator_version = ?", forged, position)
        if leaf_too:
            hashed = leaf(self.world.id, position, topic, forged)
            self.write("UPDATE merkle_leaves SET leaf = ? WHERE position = ?", hashed, position)

    def remove_newest(self, *, event: bool = True, leaf_too: bool = True) -> None:
        newest = self.world.size()
        if event:
            self.write("DELETE FROM stored_events WHERE originator_version = ?", newest)
        if leaf_too:
            self.write("DELETE FROM merkle_leaves WHERE position = ?", newest)

    def take_checkpoints_out(self) -> None:
        self.write("DELETE FROM checkpoints")

    def append(self, append: Callable[[Scene], object]) -> None:  # object: what it gives is let go
        append(Scene(self.world))
        self.world.checkpoint()

    def restore_older(self, *, more: int = 0) -> None:
        """Put a backup from before the newest checkpoint back, which the auditor kept, and go on."""
        put_back = self.world.backup()
        self.world.add("lost", "too")
        self.kept = self.world.checkpoint()
        self.world.close()
        put_back()
        self.world.add(*(f"new {number}" for number in range(more)))

    # What somebody does who has the log key as well.

    def sign_anew(self) -> None:
        self.take_checkpoints_out()
        (memory,) = self.world.directory.glob("*.signed")
        memory.unlink()
        self.world.checkpoint()

    def elsewhere(self) -> Audited:
        """The same with a copy of the database and of the log key, in another place."""
        copy = replace(self, world=self.world.copy_to(self.world.directory / "elsewhere"))
        copy.take_checkpoints_out()
        return copy


@pytest.fixture
def audited(tmp_path: Path) -> Iterator[Audited]:
    with World(tmp_path) as world:
        a_scene(world)
        yield Audited(world, kept=world.checkpoint(), log_key=world.vkey)


# Outsider.


def sound(audited: Audited) -> list[bytes]:
    """The lines of an export with two checkpoints."""
    audited.world.add("zoë")
    return export_of(audited.world)[0].splitlines(keepends=True)


def a_letter_altered(audited: Audited) -> Report:
    lines = sound(audited)
    at = lines[PROMOTED].index(b'"state":"') + 20
    other = b"A" if lines[PROMOTED][at : at + 1] != b"A" else b"B"
    lines[PROMOTED] = lines[PROMOTED][:at] + other + lines[PROMOTED][at + 1 :]
    return audited.report(b"".join(lines))


def an_event_cut_out(audited: Audited) -> Report:
    lines = sound(audited)
    return audited.report(b"".join(lines[:PROMOTED] + lines[PROMOTED + 1 :]))


def a_checkpoint_cut_out(audited: Audited) -> Report:
    lines = sound(audited)
    first = next(number for number, line in enumerate(lines) if line.startswith(b'{"checkpoint"'))
    return audited.report(b"".join(lines[:first] + lines[first + 1 :]))


def the_end_cut_off(audited: Audited) -> Report:
    return audited.report(b"".join(sound(audited)[:-1]))


def of_their_own(audited: Audited) -> bytes:
    """An export by somebody who saw one, altered it and signed it with a key of their own."""
    forger = audited.elsewhere()
    forger.write("DELETE FROM log_keys")
    forger.forge()
    forger.world.sign_with(OTHER_LOG_KEY)
    export, _ = export_of(forger.world)
    forger.world.close()
    return export


def an_export_of_their_own(audited: Audited) -> Report:
    return audited.report(of_their_own(audited), kept_checkpoints=[])


def an_export_of_their_own_without_own_keys(audited: Audited) -> Report:
    return verify(io.BytesIO(of_their_own(audited)))


# Administrator.


def what_a_command_does(audited: Audited) -> Report:
    audited.world.do("delete_user", "alice", by=f"user:{audited.world.view.account_id(ADMINISTRATOR)}")
    newest = audited.world.entries[-1].event
    assert (newest.by, newest.user_id) == (
        f"user:{audited.world.view.account_id(ADMINISTRATOR)}",
        audited.world.view.account_id("alice"),
    )
    return audited.report()


# Owner of the database.


def an_event_altered(audited: Audited) -> Report:
    audited.forge(leaf_too=False)
    return audited.report()


def an_event_removed(audited: Audited) -> Report:
    audited.remove_newest(leaf_too=False)
    return audited.report()


def a_leaf_removed(audited: Audited) -> Report:
    audited.remove_newest(event=False)
    return audited.report()


def an_event_altered_with_its_leaf(audited: Audited) -> Report:
    audited.forge()
    return audited.report_without_checkpoint()


def an_event_removed_with_its_leaf(audited: Audited) -> Report:
    audited.remove_newest()
    return audited.report_without_checkpoint()


def an_event_altered_that_no_checkpoint_covers(audited: Audited) -> Report:
    audited.world.add("zoë")
    audited.forge(audited.world.size())
    return audited.report()


def altered_with_checkpoints_out(audited: Audited) -> Report:
    audited.forge()
    audited.take_checkpoints_out()
    return audited.report_without_checkpoint()


def altered_with_checkpoints_out_before_a_kept_one(audited: Audited) -> Report:
    audited.forge()
    audited.take_checkpoints_out()
    return audited.report()


def removed_with_checkpoints_out(audited: Audited) -> Report:
    audited.remove_newest()
    audited.take_checkpoints_out()
    return audited.report()


def a_backup_restored(audited: Audited) -> Report:
    audited.restore_older()
    return audited.report()


def a_backup_restored_that_went_on(audited: Audited) -> Report:
    audited.restore_older(more=3)
    return audited.report()


def a_backup_restored_without_a_kept_one(audited: Audited) -> Report:
    audited.restore_older()
    _, done = export_of(audited.world)
    assert done.alarm is not None, "the installation says it"
    return audited.report_without_checkpoint()


def a_backup_that_went_on_without_a_kept_one(audited: Audited) -> Report:
    audited.restore_older(more=3)
    return audited.report_without_checkpoint()


def deleted_twice(audited: Audited) -> Report:
    audited.append(lambda scene: scene.append("UserDeleted", user_id=scene.ids["carol"]))
    return audited.report()


def a_state_that_is_none(audited: Audited) -> Report:
    audited.append(lambda scene: scene.write("UserAdded", '{"by":"me"}'))
    return audited.report()


def a_kind_that_is_none(audited: Audited) -> Report:
    audited.append(lambda scene: scene.append("UserPromoted", user_id=scene.ids["alice"]))
    return audited.report()


def a_forged_license_key(audited: Audited) -> Report:
    fields = {**key_fields(licenses=700), "key_text": a_key(licenses=700, signing_key=FOREIGN)}
    audited.append(lambda scene: scene.append("LicenseRegistered", **fields))
    return audited.report()


def more_seats_than_the_license_key_says(audited: Audited) -> Report:
    audited.append(lambda scene: scene.append("LicenseRegistered", **{**key_fields(licenses=7), "licenses": 700}))
    return audited.report()


def in_an_administrators_name(audited: Audited) -> Report:
    audited.append(
        lambda scene: scene.append("UserDeleted", user_id=scene.ids["alice"], by=f"user:{scene.ids[ADMINISTRATOR]}")
    )
    assert audited.world.events()[-1] == "UserDeleted"
    return audited.report()


# Root of the machine.


def rewritten_and_signed_anew(audited: Audited) -> Report:
    audited.forge()
    audited.sign_anew()
    return audited.report()


def cut_and_signed_anew(audited: Audited) -> Report:
    audited.remove_newest()
    audited.sign_anew()
    return audited.report()


def rewritten_before_the_vendors_anchor(audited: Audited) -> Report:
    _, size, root, *_ = audited.kept.split("\n")
    audited.world.register(licenses=9, other_claims={"x_log_size": int(size), "x_log_root": root})
    audited.forge()
    audited.sign_anew()
    return audited.report_without_checkpoint()


def rewritten_after_the_kept_one(audited: Audited) -> Report:
    audited.world.add("zoë")
    audited.world.checkpoint()
    audited.forge(audited.world.size())
    audited.sign_anew()
    return audited.report()


def a_key_of_their_own_in_the_keyring(audited: Audited) -> bytes:
    audited.world.trust(Keyring([VerificationKey(KID, FOREIGN.public_key(), issuer="Nobody")]))
    audited.world.register(licenses=700, signing_key=FOREIGN)
    return export_of(audited.world)[0]


def licenses_of_their_own(audited: Audited) -> Report:
    return audited.report(a_key_of_their_own_in_the_keyring(audited))


# Holder of the log key, elsewhere.


def another_history_for_the_auditor(audited: Audited) -> Report:
    holder = audited.elsewhere()
    holder.forge()
    report = holder.report()
    holder.world.close()
    return report


def two_checkpoints_for_one_number_of_events(audited: Audited) -> Report:
    holder = audited.elsewhere()
    holder.forge()
    note = holder.world.checkpoint()
    holder.world.close()
    return audited.report(kept_checkpoints=[[audited.kept], [note]])


def goes_on_after_the_kept_one(audited: Audited) -> Report:
    holder = audited.elsewhere()
    holder.append(lambda scene: scene.append("UserDeleted", user_id=scene.ids["alice"]))
    report = holder.report()
    holder.world.close()
    return report


def with_a_key_that_was_given_up(audited: Audited) -> Report:
    thief = audited.elsewhere()
    thief.append(lambda scene: scene.append("UserDeleted", user_id=scene.ids["alice"]))
    export, _ = export_of(thief.world)
    thief.world.close()
    audited.world.sign_with(OTHER_LOG_KEY)
    return audited.report(export, log_keys=[audited.world.vkey], old_log_keys=[audited.log_key])


# Vendor.


def a_checkpoint_that_never_was(audited: Audited) -> Report:
    audited.world.register(licenses=9, other_claims={"x_log_size": 3, "x_log_root": "AQEB" * 10 + "AQE="})
    return audited.report()


def any_license_key(audited: Audited) -> Report:
    audited.world.register(licenses=10_000_000)
    return audited.report()


class Attack(NamedTuple):
    who: str
    found: str | None
    deed: Callable[[Audited], Report]


OUTSIDER, INSIDER, OWNER, ROOT = "Outsider", "Administrator", "Owner of the database", "Root of the machine"
HOLDER, VENDOR = "Holder of the log key", "Vendor"

ATTACKS = [
    Attack(OUTSIDER, "leaf_mismatch", a_letter_altered),
    Attack(OUTSIDER, "gap", an_event_cut_out),
    Attack(OUTSIDER, "cut_short", the_end_cut_off),
    Attack(OUTSIDER, "counts_differ", a_checkpoint_cut_out),
    Attack(OUTSIDER, "checkpoint_invalid", an_export_of_their_own),
    Attack(OUTSIDER, None, an_export_of_their_own_without_own_keys),
    Attack(INSIDER, None, what_a_command_does),
    Attack(OWNER, "leaf_mismatch", an_event_altered),
    Attack(OWNER, "event_missing", an_event_removed),
    Attack(OWNER, "leaf_missing", a_leaf_removed),
    Attack(OWNER, "root_mismatch", an_event_altered_with_its_leaf),
    Attack(OWNER, "events_missing", an_event_removed_with_its_leaf),
    Attack(OWNER, None, an_event_altered_that_no_checkpoint_covers),
    Attack(OWNER, "unsigned_events", altered_with_checkpoints_out),
    Attack(OWNER, "kept_checkpoint_contradicted", altered_with_checkpoints_out_before_a_kept_one),
    Attack(OWNER, "older_than_kept_checkpoint", removed_with_checkpoints_out),
    Attack(OWNER, "older_than_kept_checkpoint", a_backup_restored),
    Attack(OWNER, "kept_checkpoint_contradicted", a_backup_restored_that_went_on),
    Attack(OWNER, None, a_backup_restored_without_a_kept_one),
    Attack(OWNER, "unsigned_events", a_backup_that_went_on_without_a_kept_one),
    Attack(OWNER, "rule_broken", deleted_twice),
    Attack(OWNER, "malformed_state", a_state_that_is_none),
    Attack(OWNER, "unknown_topic", a_kind_that_is_none),
    Attack(OWNER, "license_key_invalid", a_forged_license_key),
    Attack(OWNER, "license_key_contradicted", more_seats_than_the_license_key_says),
    Attack(OWNER, None, in_an_administrators_name),
    Attack(ROOT, "kept_checkpoint_contradicted", rewritten_and_signed_anew),
    Attack(ROOT, "older_than_kept_checkpoint", cut_and_signed_anew),
    Attack(ROOT, "anchor_contradicted", rewritten_before_the_vendors_anchor),
    Attack(ROOT, "rule_broken", deleted_twice),
    Attack(ROOT, "license_key_invalid", licenses_of_their_own),
    Attack(ROOT, None, rewritten_after_the_kept_one),
    Attack(HOLDER, "kept_checkpoint_contradicted", another_history_for_the_auditor),
    Attack(HOLDER, "checkpoints_contradict_each_other", two_checkpoints_for_one_number_of_events),
    Attack(HOLDER, "checkpoint_invalid", with_a_key_that_was_given_up),
    Attack(HOLDER, None, goes_on_after_the_kept_one),
    Attack(VENDOR, "anchor_contradicted", a_checkpoint_that_never_was),
    Attack(VENDOR, None, any_license_key),
]


def test_without_an_attack_nothing_is_wrong(audited: Audited) -> None:
    assert audited.report().finding is None


@pytest.mark.parametrize(
    ("found", "deed"), [each[1:] for each in ATTACKS], ids=[f"{each.who}: {each.deed.__name__}" for each in ATTACKS]
)
def test_an_attack_is_found_as_the_page_says_or_not_at_all(
    audited: Audited, found: str | None, deed: Callable[[Audited], Report]
) -> None:
    finding: Finding | None = deed(audited).finding
    assert (finding and finding.code) == found, finding


def test_the_page_names_for_each_of_them_what_is_found_and_no_more() -> None:
    table = PAGE.read_text(encoding="utf-8").split("| who | can do |")[1].split("\n\n")[0]
    named: dict[str, set[str]] = {}
    who = ""
    for row in table.splitlines()[2:]:
        cells = row.strip("|").split("|")
        bold = re.search(r"\*\*(.+?)\*\*", cells[0])
        who = bold[1] if bold else who
        named.setdefault(who, set()).update(re.findall(r"`([a-z_]+)`", cells[2]))
        assert not re.findall(r"`([a-z_]+)`", cells[3])
    assert named == {who: {each.found for each in ATTACKS if each.who == who and each.found} for who in named}
    assert {each.who for each in ATTACKS} == named.keys()
    assert {each.who for each in ATTACKS if each.found is None} == named.keys(), "against each of them there is a limit"

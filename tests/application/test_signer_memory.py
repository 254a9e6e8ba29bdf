"""The signer remembers what it signed last: what a rewritten or restored database cannot make it forget (ADR 33)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from application.auditing import Export
from application.backups import restore
from application.examination import LogContradicted, MemoryContradicted
from application.loss import Loss, LossNotAccepted
from application.proof import notes
from application.proof.notes import Checkpoint
from application.proof.verify_export import leaf, read_checkpoint, read_vkey, verify
from application.signer_memory import SignerMemory, SignerMemoryUnusable
from application.words.language import ENGLISH
from interface.checkpoint_timer import CheckpointTimer
from tests.database import AuditWriter, Refusal, back_up
from tests.proof_examples import KEYRING_FILE, OTHER_LOG_KEY
from tests.refused import refused
from tests.world import World

OTHER_ID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[World]:
    """Two users and a checkpoint over all events."""
    with World(tmp_path).open() as world:
        world.add("alice", "bob")
        world.checkpoint()
        yield world


def memory(world: World) -> SignerMemory:
    return SignerMemory.beside(world.settings.log_key_path)


def remembered(world: World) -> Checkpoint:
    note = memory(world).note()
    assert note is not None
    return read_checkpoint(note, [read_vkey(world.vkey)])


def findings(world: World) -> list[str]:
    """What the self-checks say of the signer."""
    found = world.seatledger.self_checks.findings(world.id)
    return [each.code for each in found if each.code.startswith("sign")]


def restored(world: World, backup: Path) -> None:
    """What `seatledger restore` does, with the server stopped."""
    world.close()
    restore(world.settings.log, backup, world.clock(), replacing=True)


def backed_up(world: World) -> Path:
    """A backup of now."""
    to = world.directory / "seatledger-now.sqlite"
    back_up(world.path, to)
    return to


def rewritten(world: World, *, forgetting: bool = True) -> None:
    """Somebody who can write the database alters an event with its leaf, and removes the checkpoints that show it."""
    id_ = world.id
    topic, state = world.sql("SELECT topic, state FROM stored_events WHERE originator_version = 4")[0]
    altered = state.replace(b'"administrator":false', b'"administrator":true')
    assert altered != state
    with world.attacker() as attacker:
        attacker.execute("UPDATE stored_events SET state = ? WHERE originator_version = 4", (altered,))
        attacker.execute("UPDATE merkle_leaves SET leaf = ? WHERE position = 4", (leaf(id_, 4, topic, altered),))
        if forgetting:
            attacker.execute("DELETE FROM checkpoints")


def cut(world: World, last: int) -> None:
    """The same, with every event after the last one removed, and whatever says that there were more."""
    with world.attacker() as attacker:
        attacker.execute("DELETE FROM stored_events WHERE originator_version > ?", (last,))
        attacker.execute("DELETE FROM merkle_leaves WHERE position > ?", (last,))
        attacker.execute("DELETE FROM checkpoints")


def exported(world: World) -> tuple[bytes, Export]:
    stream = io.BytesIO()
    done = world.audit.export(world.id, stream, keyring=world.keyring)
    return stream.getvalue(), done


def assert_refuses(world: World, saying: str) -> None:
    """On demand, by the timer and at export: nothing is signed and nothing remembered; logins go on."""
    was, checkpoints = memory(world).note(), world.audit.checkpoints(world.id)
    for whole in (True, False):
        with refused(MemoryContradicted, saying):
            world.checkpoint(whole=whole)
    CheckpointTimer(world.seatledger).look()
    export, done = exported(world)
    assert done.alarm is not None
    assert done.events == world.size()
    assert "No checkpoint was signed" in ENGLISH.clause(done.alarm)
    assert verify(io.BytesIO(export)).events == world.size()
    assert (memory(world).note(), world.audit.checkpoints(world.id)) == (was, checkpoints)
    assert findings(world) == ["signing_refused"]
    assert world.check("admin")[0] == "admin_only"
    assert world.audit.alarms(world.id) == []


# What is remembered.


def test_what_was_signed_last_is_remembered_beside_the_log_key_for_its_owner_alone(one: World) -> None:
    path = one.settings.log_key_path.with_name("log-key.pem.signed")
    assert memory(one).path == path
    assert path.read_text() == one.checkpoint()
    assert path.stat().st_mode & 0o777 == 0o600
    one.add("carol")
    note = one.checkpoint(whole=False)
    assert path.read_text() == note
    assert remembered(one).size == one.size()
    assert findings(one) == []


def test_a_log_that_goes_on_is_signed_again_and_again_also_after_a_restart(one: World) -> None:
    for number in range(5):
        one.add(f"user {number}")
        one.checkpoint(whole=number % 2 == 0)
        one.close()
    assert remembered(one).size == one.size()
    assert findings(one) == []


# What is refused.


def test_a_history_rewritten_with_its_leaves_and_without_its_checkpoints_is_not_signed(one: World) -> None:
    size = one.size()
    rewritten(one)
    assert_refuses(one, f"not the one that was signed over {size} events: one of 1 to {size}")


def test_it_stays_so_however_the_history_goes_on(one: World) -> None:
    size = one.size()
    rewritten(one)
    one.add("carol", "dora")
    one.close()
    assert_refuses(one, f"not the one that was signed over {size} events")


def test_a_history_that_was_cut_is_not_signed(one: World) -> None:
    size = one.size()
    cut(one, size - 1)
    one.close()
    assert_refuses(one, f"the log has {size - 1} events, but {size} were signed")


@pytest.mark.sqlite_alone("its file, and backups of it")
@pytest.mark.parametrize("more", [0, 1, 2, 5], ids=["shorter", "still shorter", "as long", "longer"])
def test_c11_a_restored_backup_is_not_signed_whatever_is_recorded_after_it(one: World, more: int) -> None:
    backup = backed_up(one)
    one.add("lost", "too")
    one.checkpoint()
    restored(one, backup)
    one.add(*(f"new {number}" for number in range(more)))
    assert_refuses(one, "If a backup was restored, let an auditor accept it" if more else "but 7 were signed")


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_a_backup_restored_before_anything_more_was_signed_goes_on(one: World) -> None:
    backup = backed_up(one)
    one.add("never signed")
    restored(one, backup)
    one.add("new")
    one.checkpoint()
    assert remembered(one).size == one.size()


def test_damage_that_shows_by_itself_is_told_as_before_and_kept_as_an_alarm(one: World) -> None:
    rewritten(one, forgetting=False)
    with pytest.raises(LogContradicted) as caught:
        one.checkpoint()
    assert not isinstance(caught.value, MemoryContradicted)
    assert len(one.audit.alarms(one.id)) == 1


def test_the_timer_says_once_that_it_does_not_sign_though_nothing_grew(
    one: World, caplog: pytest.LogCaptureFixture
) -> None:
    rewritten(one)
    timer = CheckpointTimer(one.seatledger)
    timer.look()
    timer.look()
    (said,) = caplog.messages
    assert said.startswith("No checkpoint could be taken: No checkpoint was signed: the log is not the one that was")


# Crashes between the memory and the database.


Crash = Refusal
"""What a process meets instead of being killed: the transaction does not come to its end."""


def refuse_checkpoints(world: World) -> None:
    world.sql("CREATE TRIGGER full BEFORE INSERT ON checkpoints BEGIN SELECT RAISE(ABORT, 'disk full'); END")


def take_checkpoints_again(world: World) -> None:
    world.sql("DROP TRIGGER full")


@pytest.mark.sqlite_alone("its way to write triggers")
@pytest.mark.parametrize("more", [(), ("dora",)], ids=["same size", "larger"])
@pytest.mark.parametrize("is_restarted", [True, False], ids=["restarted", "running"])
def test_remembered_but_not_kept_is_signed_the_next_time(
    one: World, more: tuple[str, ...], *, is_restarted: bool
) -> None:
    one.add("carol")
    refuse_checkpoints(one)
    with pytest.raises(Crash):
        one.checkpoint()
    size = one.size()
    assert remembered(one).size == size
    assert [kept.size for kept in one.audit.checkpoints(one.id)] == [size - 1]
    assert one.audit.ask_remembered(one.id)
    take_checkpoints_again(one)
    if is_restarted:
        one.close()
    one.add(*more)
    assert one.audit.is_due(one.id)
    note = one.checkpoint()
    assert read_checkpoint(note, [read_vkey(one.vkey)]).size == one.size()
    assert remembered(one).size == one.size()
    assert not one.audit.is_due(one.id)


@pytest.mark.sqlite_alone("its way to write triggers")
def test_remembered_but_not_kept_holds_against_a_rewriting(one: World) -> None:
    """Else what was given to somebody in that moment could be signed once more with another root."""
    one.add("carol")
    refuse_checkpoints(one)
    with pytest.raises(Crash):
        one.checkpoint()
    take_checkpoints_again(one)
    rewritten(one)
    assert_refuses(one, f"not the one that was signed over {one.size()} events")


def test_what_cannot_be_remembered_is_not_kept_either(tmp_path: Path) -> None:
    """The name of the file is as long as it can be, so that none can be written beside it."""
    world = World(tmp_path)
    world.settings = replace(world.settings, log_key_file=tmp_path / ("k" * 248))
    with world.open():
        with refused(SignerMemoryUnusable, r"\.signed cannot be written: File name too long"):
            world.checkpoint()
        assert world.audit.checkpoints(world.id) == []
        assert memory(world).note() is None
        _, done = exported(world)
        assert done.alarm is not None
        assert (done.events, done.checkpoints) == (world.size(), 0)


def test_kept_but_not_remembered_is_remembered_before_it_is_given_again(one: World) -> None:
    """As if the directory of the log key had been taken from an older copy."""
    older = memory(one).path.read_text()
    one.add("carol")
    note = one.checkpoint()
    memory(one).path.write_text(older)
    assert one.audit.is_due(one.id)
    assert one.checkpoint() == note
    assert memory(one).note() == note
    assert len(one.audit.checkpoints(one.id)) == 2


# Two who sign at once.


@pytest.mark.sqlite_alone("it waits in its audit writer")
def test_who_looked_earlier_does_not_make_the_signer_forget_what_another_signed(
    one: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one.add("carol")
    other = one.another_process()
    alone: Any = AuditWriter.alone

    def alone_after_another(*args: Any) -> Any:
        monkeypatch.setattr(AuditWriter, "alone", alone)
        other.add("dora")
        refuse_checkpoints(one)
        with pytest.raises(Crash):  # the other has remembered, and dies
            other.checkpoint()
        take_checkpoints_again(one)
        return alone(*args)

    monkeypatch.setattr(AuditWriter, "alone", alone_after_another)
    one.checkpoint()
    assert [kept.size for kept in one.audit.checkpoints(one.id)] == [one.size() - 2, one.size()]
    assert remembered(one).size == one.size()


def test_several_who_sign_while_the_log_grows_never_contradict_one_another(one: World) -> None:
    errors: list[Exception] = []

    def sign(world: World) -> None:
        try:
            for number in range(15):
                world.checkpoint(whole=number % 3 == 0)
                world.audit.ask_remembered(world.id)
        except Exception as error:  # a thread's error is shown by the assertion
            errors.append(error)

    others = [one.another_process() for _ in range(2)]
    threads = [Thread(target=sign, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for number in range(30):
        one.add(f"user {number}")
    for thread in threads:
        thread.join()
    assert errors == []
    one.checkpoint()
    assert remembered(one).size == one.size()


# Without a memory, and with a wrong one.


def test_without_a_memory_it_goes_on_from_the_newest_checkpoint_and_says_so(
    one: World, caplog: pytest.LogCaptureFixture
) -> None:
    """An upgrade, another machine, or somebody with the rights of the signer."""
    memory(one).path.unlink()
    assert findings(one) == ["signer_memory_missing"]
    assert one.audit.is_due(one.id)
    CheckpointTimer(one.seatledger).look()
    (said,) = caplog.messages
    assert said.endswith(f"from the newest checkpoint in the database, over {one.size()} events.")
    assert remembered(one).size == one.size()
    assert findings(one) == []
    rewritten(one)
    assert findings(one) == ["signing_refused"]


def test_before_the_first_checkpoint_nothing_is_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with World(tmp_path).open() as world:
        assert findings(world) == []
        world.checkpoint()
        assert (caplog.messages, findings(world)) == ([], [])


def of_another_installation(world: World) -> None:
    note = notes.sign(Checkpoint(f"seatledger/{OTHER_ID}", 3, b"\1" * 32), world.log_key)
    memory(world).path.write_text(note)


def by_another_key(world: World) -> None:
    note = notes.sign(Checkpoint(notes.origin_of(world.id), 3, b"\1" * 32), OTHER_LOG_KEY)
    memory(world).path.write_text(note)


def altered(world: World) -> None:
    path = memory(world).path
    path.write_text(path.read_text().replace("\n5\n", "\n4\n"))


def a_directory(world: World) -> None:
    memory(world).path.unlink()
    memory(world).path.mkdir()


def holding(content: bytes) -> Callable[[World], object]:
    return lambda world: memory(world).path.write_bytes(content)


WRONG: dict[str, tuple[Callable[[World], object], str]] = {
    "of another installation": (of_another_installation, f"of another installation, {OTHER_ID}"),
    "by another key": (by_another_key, "is signed with a key that never signed this log"),
    "altered": (altered, "is not as it was written"),
    "empty": (holding(b""), "is not as it was written"),
    "nonsense": (holding(b"nonsense\n"), "is not as it was written"),
    "no text": (holding(b"\xff\xfe\x00"), "is not as it was written"),
    "cut off": (holding(f"seatledger/{OTHER_ID}\n5\n".encode()), "is not as it was written"),
    "a directory": (a_directory, "cannot be read: "),
    "huge": (holding(b"x" * 2_000_000), "cannot be read: it has more than 1048576 bytes"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_memory_that_is_wrong_is_named_and_nothing_is_signed(one: World, kind: str) -> None:
    make, saying = WRONG[kind]
    make(one)
    before = one.audit.checkpoints(one.id)
    for _ in range(2):
        with refused(SignerMemoryUnusable, saying):
            one.checkpoint()
    one.add("carol")
    with refused(SignerMemoryUnusable, saying):
        one.checkpoint(whole=False)
    with refused(SignerMemoryUnusable, saying):
        one.audit.loss(one.id, [before[0].note])
    _, done = exported(one)
    assert done.alarm is not None
    assert one.audit.checkpoints(one.id) == before
    assert findings(one) == ["signer_memory_unusable"]


# A new log key.


def test_what_the_old_log_key_signed_is_still_remembered(one: World) -> None:
    one.sign_with(OTHER_LOG_KEY)
    assert findings(one) == []
    rewritten(one)
    assert_refuses(one, "not the one that was signed over")


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_a_new_log_key_goes_on_from_what_the_old_one_signed(one: World) -> None:
    one.sign_with(OTHER_LOG_KEY)
    one.add("carol")
    one.checkpoint()
    assert remembered(one).size == one.size()
    backup = backed_up(one)
    one.add("dora")
    one.checkpoint()
    restored(one, backup)
    assert_refuses(one, "were signed: the newest ones are gone")


# A loss that an auditor accepts.


def lose(world: World) -> str:
    """Restore a backup, and what was signed after it is lost; gives the checkpoint that an auditor kept before."""
    kept = world.checkpoint()
    backup = backed_up(world)
    world.add("lost", "too")
    world.checkpoint()
    restored(world, backup)
    return kept


def accept(world: World, *kept: str) -> Loss:
    """What `seatledger audit accept-restore` does."""
    loss = world.audit.loss(world.id, list(kept))
    world.do("accept_restore", loss)
    world.audit.take_checkpoint(world.id, accepted=loss)
    return loss


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_an_accepted_loss_is_recorded_and_signing_goes_on(one: World) -> None:
    kept, lost = one.checkpoint(), one.size() + 2
    lose(one)
    loss = accept(one, kept)
    assert (loss.proof.size, loss.lost.size, loss.events) == (one.size() - 1, lost, one.size() - 1)
    assert one.entries[-1].kind == "RestoreAccepted"
    assert [alarm.event.by for alarm in one.view.alarms] == [one.entries[-1].by]
    assert remembered(one).size == one.size()
    assert findings(one) == []
    one.add("carol")
    one.checkpoint()
    export, done = exported(one)
    assert done.alarm is None
    report = verify(io.BytesIO(export), log_keys=[one.vkey], keyring=KEYRING_FILE, kept_checkpoints=[[kept]])
    assert report.finding is None


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_the_newest_checkpoint_of_the_restored_database_will_do(one: World) -> None:
    lose(one)
    accept(one, one.audit.newest(one.id))
    assert findings(one) == []


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_of_several_checkpoints_the_largest_that_our_key_signed_counts(one: World) -> None:
    small = one.checkpoint()
    one.add("carol")
    kept = lose(one)
    foreign = notes.sign(Checkpoint(notes.origin_of(one.id), 9, b"\1" * 32), OTHER_LOG_KEY)
    assert one.audit.loss(one.id, [small, foreign, kept]).proof.size == one.size()


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_until_it_is_signed_again_the_same_loss_is_recorded_once(one: World) -> None:
    kept = lose(one)
    loss = one.audit.loss(one.id, [kept])
    one.do("accept_restore", loss)
    size = one.size()
    refuse_checkpoints(one)
    with pytest.raises(Crash):
        one.audit.take_checkpoint(one.id, accepted=loss)
    take_checkpoints_again(one)
    one.close()
    assert one.audit.is_due(one.id), "the timer signs it; the loss was remembered as accepted"
    one.checkpoint()
    assert (one.size(), findings(one)) == (size, [])


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_a_command_that_broke_off_after_recording_is_given_again(one: World) -> None:
    kept = lose(one)
    one.do("accept_restore", one.audit.loss(one.id, [kept]))
    size = one.size()
    assert_refuses(one, "No checkpoint was signed")
    accept(one, kept)
    assert (one.size(), findings(one)) == (size, [])


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_an_acceptance_in_the_database_alone_makes_nobody_sign(one: World) -> None:
    """Whoever can write the database can write that event as well."""
    kept = lose(one)
    one.do("accept_restore", one.audit.loss(one.id, [kept]))
    one.close()
    assert_refuses(one, "No checkpoint was signed")


def test_nothing_lost(one: World) -> None:
    with refused(LossNotAccepted, "the log extends everything that was signed; nothing is lost"):
        one.audit.loss(one.id, [one.checkpoint()])
    memory(one).path.unlink()
    with refused(LossNotAccepted, "nothing is lost"):
        one.audit.loss(one.id, [one.audit.newest(one.id)])


def test_a_checkpoint_that_the_log_does_not_extend(one: World) -> None:
    kept = one.checkpoint()
    rewritten(one)
    with refused(LossNotAccepted, "the log is not the one of the checkpoint over 5 events"):
        one.audit.loss(one.id, [kept])


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_a_checkpoint_larger_than_the_log(one: World) -> None:
    backup = backed_up(one)
    one.add("lost")
    kept = one.checkpoint()
    restored(one, backup)
    with refused(LossNotAccepted, "is over 6 events, and the log has 5"):
        one.audit.loss(one.id, [kept])


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_a_checkpoint_by_another_key_or_altered(one: World) -> None:
    kept = lose(one)
    by_other = notes.sign(Checkpoint(notes.origin_of(one.id), 3, b"\1" * 32), OTHER_LOG_KEY)
    for note in (by_other, kept.replace("\n5\n", "\n4\n")):
        with refused(LossNotAccepted, "the log key of now did not sign the checkpoint"):
            one.audit.loss(one.id, [note])


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_a_checkpoint_of_another_installation(one: World) -> None:
    lose(one)
    note = notes.sign(Checkpoint(f"seatledger/{OTHER_ID}", 3, b"\1" * 32), one.log_key)
    with refused(LossNotAccepted, f"of another installation, {OTHER_ID}; this one is {one.id}"):
        one.audit.loss(one.id, [note])


@pytest.mark.sqlite_alone("its file, and backups of it")
def test_an_accepted_loss_does_not_cover_another_one(one: World) -> None:
    """Between the question and the answer somebody signs for the lost history again, or rewrites this one."""
    kept = lose(one)
    loss = one.audit.loss(one.id, [kept])
    one.do("accept_restore", loss)
    rewritten(one)
    with pytest.raises(LogContradicted):
        one.audit.take_checkpoint(one.id, accepted=loss)

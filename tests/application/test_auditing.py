"""The signer and the export over a real database: C10 and C11, alarms, and two who sign at once."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from application.auditing import AuditLog, LogContradicted
from application.log import open_log
from application.log.failures import Busy, StorageFailed
from application.proof import notes
from application.proof.verify_export import leaf, read_checkpoint, read_vkey
from application.signer_memory import SignerMemory
from application.words.language import ENGLISH
from tests.application.audited import export_of, finding_of, live_a_life, report_of, verify_with_replay
from tests.database import (
    TEXTS_BYTES,
    AuditWriter,
    Connection,
    Refusal,
    Running,
    Session,
    alter_state,
    audit_writer,
    connect,
    connected,
    recorder,
)
from tests.proof_examples import KEYRING_FILE, OTHER_LOG_KEY, a_sealed_name, flipped, seeded
from tests.refused import refused
from tests.world import World


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, database: str) -> World:
    """An installation that has lived: every kind of event, three checkpoints, the last of them for all."""
    with World(tmp_path_factory.mktemp("lived")).open() as made:
        live_a_life(made)
    return made


@pytest.fixture
def one(lived: World, tmp_path: Path) -> Iterator[World]:
    """A copy of it, served, its view in memory."""
    with lived.copy_to(tmp_path) as copy:
        assert copy.check() == ("admit", "ok")
        yield copy


def assert_refuses_and_alarms(one: World, position: int | None = None) -> None:
    """Nothing is signed, the alarm is kept with its position, and logins go on."""
    before = one.audit.checkpoints(one.id)
    with pytest.raises(LogContradicted):
        one.checkpoint()
    assert one.audit.checkpoints(one.id) == before
    alarms = one.audit.alarms(one.id)
    assert alarms
    assert position in (None, alarms[0].position)
    assert one.check() == ("admit", "ok")


def signed_size(note: str, one: World) -> int:
    """For how many events a note was signed."""
    return read_checkpoint(note, [read_vkey(one.vkey)]).size


# What is signed.


def test_a_checkpoint_covers_all_events_and_is_given_again_until_the_log_grows(one: World) -> None:
    note = one.checkpoint()
    assert signed_size(note, one) == one.size()
    assert not one.audit.has_grown(one.id)
    assert one.checkpoint() == note
    one.add("dora")
    assert one.audit.has_grown(one.id)
    assert signed_size(one.checkpoint(whole=False), one) == one.size()
    assert not one.audit.has_grown(one.id)


def test_everything_verifies_with_the_auditors_own_keys_and_any_kept_checkpoint(house: World) -> None:
    for kept in live_a_life(house):
        report = report_of(house, log_keys=[house.vkey], keyring=KEYRING_FILE, kept_checkpoints=[[kept]])
        assert (report.is_whole, report.kept_size) == (True, int(kept.split("\n")[1]))
    assert (report.license_keys, report.license_keys_since_revoked, report.keys_from_export) == (3, 1, False)
    assert (report.events, report.checkpoints) == (house.size(), 3)


def test_a_new_log_key_is_published_beside_the_old_one(one: World) -> None:
    old = one.vkey
    one.sign_with(OTHER_LOG_KEY)
    one.add("dora")
    one.checkpoint()
    assert report_of(one).is_whole
    assert report_of(one, log_keys=[old, one.vkey]).is_whole
    assert not report_of(one, log_keys=[one.vkey]).is_whole


def test_without_a_log_key_nothing_is_signed_and_nothing_written(one: World) -> None:
    one.settings.log_key_path.unlink()
    stream = io.BytesIO()
    with refused(notes.LogKeyUnusable, r"log-key\.pem is missing. Restore it"):
        one.checkpoint()
    with pytest.raises(notes.LogKeyUnusable):
        one.audit.export(one.id, stream, keyring=one.keyring)
    assert not stream.getvalue()
    assert len(one.audit.checkpoints(one.id)) == 3


# C10: a flipped bit in an event, a leaf or a checkpoint of the real database.

TARGETS = [
    ("stored_events", "state", "originator_version"),
    ("stored_events", "topic", "originator_version"),
    ("merkle_leaves", "leaf", "position"),
    ("checkpoints", "note", "size"),
]


def check_flips(one: World, count: int) -> None:
    chance = seeded(count)
    with one.attacker() as attacker:
        for number in range(count):
            table, column, place = TARGETS[number % len(TARGETS)]
            places = [row[0] for row in attacker.execute(f"SELECT {place} FROM {table}")]  # noqa: S608
            position = chance.choice(places)
            from_bytes, to_bytes = ("?", "{}") if column in ("state", "leaf") else TEXTS_BYTES[Running.kind]
            update = f"UPDATE {table} SET {column} = {from_bytes} WHERE {place} = ?"  # noqa: S608
            select = f"SELECT {to_bytes.format(column)} FROM {table} WHERE {place} = ?"  # noqa: S608
            (was,) = attacker.execute(select, (position,)).fetchone()
            is_flipped = False
            while not is_flipped:
                with suppress(Refusal):  # a server stores no text that is none
                    attacker.execute(update, (flipped(was, chance), position))
                    is_flipped = True
            assert_refuses_and_alarms(one, position)
            export, _ = export_of(one)
            for own in ({}, {"log_keys": [one.vkey], "keyring": KEYRING_FILE}):
                found = verify_with_replay(export, **own).finding
                assert found is not None, (table, column, position)
                assert found.position == position, (table, column, found)
            attacker.execute(update, (was, position))
            attacker.execute("DELETE FROM log_alarms")
    assert report_of(one).is_whole


def test_c10_every_flipped_bit_is_refused_by_the_signer_and_named_by_the_verifier(one: World) -> None:
    check_flips(one, 200 if Running.kind == "sqlite" else 10)  # on a server each takes three connections


@pytest.mark.long
def test_c10_two_thousand_flipped_bits(one: World) -> None:
    check_flips(one, 2_000)


@pytest.mark.parametrize("column", ["size", "root"])
def test_a_checkpoint_that_is_not_what_was_signed_is_refused_by_the_signer(one: World, column: str) -> None:
    size = one.size()
    with one.attacker() as attacker:
        value = size + 3 if column == "size" else b"\0" * 32
        attacker.execute(f"UPDATE checkpoints SET {column} = ? WHERE size = ?", (value, size))  # noqa: S608
    assert_refuses_and_alarms(one)


def test_the_alarm_that_is_kept_says_what_was_found_and_the_export_says_it_too(one: World) -> None:
    """The text that is stored is a contract: a changed one would be a second alarm for the same damage."""
    with one.attacker() as attacker:
        attacker.execute("UPDATE merkle_leaves SET leaf = ? WHERE position = 4", (bytes(32),))
    _, done = export_of(one)
    (alarm,) = one.audit.alarms(one.id)
    assert (alarm.position, alarm.message) == (4, "event 4 does not match its leaf")
    assert done.alarm is not None
    assert ENGLISH.clause(done.alarm) == "No checkpoint was signed: event 4 does not match its leaf."


def test_the_timers_quick_look_hashes_new_events_anew_and_compares_old_roots(one: World) -> None:
    one.add("dora", "emil")
    with one.attacker() as attacker:
        alter_state(attacker, one.size(), b"{", b"{ ")
    with refused(LogContradicted, f"event {one.size()} does not match its leaf"):
        one.checkpoint(whole=False)
    with one.attacker() as attacker:
        attacker.execute("UPDATE merkle_leaves SET leaf = ? WHERE position = 4", (bytes(32),))
    with refused(LogContradicted, "one of 1 to 9 was altered together with its leaf"):
        one.checkpoint(whole=False)
    assert [alarm.position for alarm in one.audit.alarms(one.id)] == [1, one.size()]


def forge(attacker: Session, one: World, position: int, state: bytes) -> None:
    """Alter an event together with its leaf."""
    topic = attacker.execute("SELECT topic FROM stored_events WHERE originator_version = ?", (position,)).fetchone()[0]
    attacker.execute("UPDATE stored_events SET state = ? WHERE originator_version = ?", (state, position))
    attacker.execute(
        "UPDATE merkle_leaves SET leaf = ? WHERE position = ?", (leaf(one.id, position, topic, state), position)
    )


def test_an_event_altered_together_with_its_leaf_is_found_between_two_checkpoints(one: World) -> None:
    select = "SELECT state FROM stored_events WHERE originator_version = 15"  # an auditor was added
    with one.attacker() as attacker:
        fields = json.loads(attacker.execute(select).fetchone()[0])
        fields["sealed_name"] = a_sealed_name("somebody else")
        forge(attacker, one, 15, json.dumps(fields, separators=(",", ":")).encode())
    assert_refuses_and_alarms(one, 10)
    assert finding_of(one) == ("root_mismatch", 10)


def test_what_cannot_be_replayed_is_exported_all_the_same(one: World) -> None:
    """An event that nobody has signed yet, altered with its leaf."""
    one.add("dora")
    with one.attacker() as attacker:
        forge(attacker, one, one.size(), b'{"by": "me"}')
    export, done = export_of(one)
    assert done.alarm is not None
    assert ENGLISH.clause(done.alarm).startswith(f"The state cannot be told: event {one.size()} cannot be read (")
    found = verify_with_replay(export).finding
    assert found is not None
    assert (found.code, found.position) == ("malformed_state", one.size())


def test_an_alarm_is_logged_once(one: World, caplog: pytest.LogCaptureFixture) -> None:
    with one.attacker() as attacker:
        attacker.execute("UPDATE merkle_leaves SET leaf = ? WHERE position = 2", (bytes(32),))
    for _ in range(2):
        assert_refuses_and_alarms(one, 2)
    assert len(one.audit.alarms(one.id)) == 1
    assert [record.getMessage() for record in caplog.records] == [
        f"The history of {one.id} was altered: event 2 does not match its leaf."
    ]


# What was removed.


def remove_newest(one: World, *tables: str) -> int:
    newest = one.size()
    with one.attacker() as attacker:
        for table in tables:
            place = recorder.APPEND_ONLY_TABLES[table][0]
            attacker.execute(f"DELETE FROM {table} WHERE {place} = ?", (newest,))  # noqa: S608
    return newest


def test_a_removed_newest_event_is_named(one: World) -> None:
    removed = remove_newest(one, "stored_events")
    assert_refuses_and_alarms(one, removed)
    assert finding_of(one) == ("event_missing", removed)


def test_a_removed_newest_event_that_no_checkpoint_covers_is_named(one: World) -> None:
    one.add("dora")
    removed = remove_newest(one, "stored_events")
    assert_refuses_and_alarms(one, removed)
    assert finding_of(one) == ("event_missing", removed)


def test_nothing_is_written_over_a_removed_event(one: World) -> None:
    remove_newest(one, "stored_events")
    restarted = one.another_process()
    with refused(StorageFailed, "something was removed from the history"):
        restarted.add("dora")
    assert restarted.check() == ("admit", "ok")


def test_a_removed_newest_event_with_its_leaf_contradicts_the_checkpoint(one: World) -> None:
    removed = remove_newest(one, "stored_events", "merkle_leaves")
    assert_refuses_and_alarms(one, removed)
    assert finding_of(one) == ("events_missing", removed)


def test_a_removed_newest_event_with_leaf_and_checkpoint_contradicts_what_the_auditor_kept(one: World) -> None:
    kept = one.checkpoint()
    removed = remove_newest(one, "stored_events", "merkle_leaves", "checkpoints")
    code, _ = finding_of(one)
    assert code == "unsigned_events", "the signer remembers that there was one more"
    assert finding_of(one, kept_checkpoints=[[kept]]) == ("older_than_kept_checkpoint", removed)


def test_a_removed_leaf_is_named(one: World) -> None:
    remove_newest(one, "merkle_leaves")
    assert_refuses_and_alarms(one, one.size())
    assert finding_of(one) == ("leaf_missing", one.size())


# C11: an old backup restored.


@pytest.mark.parametrize("lost", [1, 2, 5])
def test_c11_a_restored_backup_contradicts_the_kept_checkpoint(one: World, tmp_path: Path, lost: int) -> None:
    backup = one.copy_to(tmp_path / "backup")
    size = one.size()
    one.add(*(f"lost {number}" for number in range(lost)))
    kept = one.checkpoint()
    with backup as restored:
        assert report_of(restored, log_keys=[one.vkey]).is_whole
        assert finding_of(restored, kept_checkpoints=[[kept]]) == ("older_than_kept_checkpoint", size + 1)
        restored.add(*(f"new {number}" for number in range(lost)))  # it catches up in size
        assert finding_of(restored, kept_checkpoints=[[kept]]) == ("kept_checkpoint_contradicted", 1)
        restored.add("and goes on")
        assert finding_of(restored, kept_checkpoints=[[kept]]) == ("kept_checkpoint_contradicted", 1)


# Two who sign at once.


class Meanwhile:
    """Does something once, in the moment between the look at the log and the signing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, something: Callable[[], object], *, times: int = 1) -> None:
        waiting: list[Callable[[], object]] = [something] * times
        writer = audit_writer()
        alone = writer.alone

        def alone_after_something(*args: Any) -> Any:
            if waiting and not self.is_doing:
                self.is_doing = True
                waiting.pop()()
                self.is_doing = False
            return alone(*args)

        self.is_doing = False
        self.waiting = waiting
        monkeypatch.setattr(writer, "alone", alone_after_something)


def test_of_two_who_sign_the_same_size_one_note_is_kept_and_given_to_both(
    one: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one.add("dora")
    other: list[str] = []
    Meanwhile(monkeypatch, lambda: other.append(one.another_process().checkpoint()))
    assert one.checkpoint() == other[0]
    assert [kept.note for kept in one.audit.checkpoints(one.id)].count(other[0]) == 1


def test_a_size_is_never_signed_twice_with_different_roots(one: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one.add("dora")
    size = one.size()
    another = one.another_process()
    with one.attacker() as attacker:
        row = (size,)
        (state,) = attacker.execute("SELECT state FROM stored_events WHERE originator_version = ?", row).fetchone()

        def another_signs_a_forged_event() -> None:
            forge(attacker, one, size, state.replace(b"false", b"true"))
            another.checkpoint()
            forge(attacker, one, size, state)

        Meanwhile(monkeypatch, another_signs_a_forged_event)
        with pytest.raises(LogContradicted):
            one.checkpoint()
    assert [kept.size for kept in one.audit.checkpoints(one.id)].count(size) == 1


def test_what_was_signed_meanwhile_for_fewer_events_is_compared_too(
    one: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one.add("dora")

    def another_signs_and_the_log_goes_on() -> None:
        one.another_process().checkpoint()
        one.add("emil")

    Meanwhile(monkeypatch, another_signs_and_the_log_goes_on)
    assert signed_size(one.checkpoint(), one) == one.size()
    assert report_of(one).is_whole


def test_who_is_always_too_late_makes_the_others_wait(one: World, monkeypatch: pytest.MonkeyPatch) -> None:
    names = iter(range(1000))

    def another_is_faster_and_the_log_goes_on() -> None:
        faster.checkpoint()
        one.add(f"user {next(names)}")

    faster = one.another_process()
    one.add("dora")
    meanwhile = Meanwhile(monkeypatch, another_is_faster_and_the_log_goes_on, times=3)
    before = one.size()
    assert signed_size(one.checkpoint(), one) == one.size() == before + 3
    assert not meanwhile.waiting
    assert report_of(one).is_whole


def test_exports_and_checkpoints_beside_writers_verify(house: World) -> None:
    stopping, problems = Event(), []

    def write(prefix: str) -> None:
        for number in range(30):
            house.add(f"{prefix}{number}")

    def sign(signer: World) -> None:
        while not stopping.is_set():
            try:
                signer.checkpoint()
            except Exception as problem:
                problems.append(problem)
                raise

    threads = [Thread(target=write, args=("a",)), Thread(target=write, args=("b",))]
    signers = [Thread(target=sign, args=(house.another_process(),)) for _ in range(2)]
    for thread in (*threads, *signers):
        thread.start()
    exports = [export_of(house)[0] for _ in range(5)]
    for thread in threads:
        thread.join()
    stopping.set()
    for thread in signers:
        thread.join()
    exports.append(export_of(house)[0])
    reports = [verify_with_replay(export) for export in exports]
    assert [report.finding for report in reports] == [None] * 6
    assert reports[-1].events == house.size() == 63
    assert problems == []


# The database's own failures.


@pytest.mark.sqlite_alone("its file and its words")
def test_a_busy_database_is_refused_as_busy(one: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "LOCK_TIMEOUT", 0.01)
    one.add("dora")
    with connected(one.path) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            one.checkpoint()
        writer.execute("ROLLBACK")
    assert signed_size(one.checkpoint(), one) == one.size()


@pytest.mark.sqlite_alone("its audit writer's connection is another one here")
def test_a_failed_write_signs_nothing_and_still_refuses_a_contradiction(
    one: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(_: object) -> Connection:
        connection = connect(one.path)
        connection.execute("PRAGMA query_only = 1")
        return connection

    one.add("dora")
    monkeypatch.setattr(AuditWriter, "_connect", read_only)
    with refused(StorageFailed, "readonly"):
        one.checkpoint()
    assert len(one.audit.checkpoints(one.id)) == 3
    with one.attacker() as attacker:
        attacker.execute("UPDATE merkle_leaves SET leaf = ? WHERE position = 2", (bytes(32),))
    with pytest.raises(LogContradicted):
        one.checkpoint()


def test_a_database_that_cannot_be_read_is_refused(one: World, tmp_path: Path) -> None:
    (tmp_path / "nonsense").write_bytes(b"nonsense" * 1000)
    memory = SignerMemory.beside(one.settings.log_key_path)
    audit = AuditLog(open_log(f"sqlite:///{tmp_path / 'nonsense'}"), lambda: one.log_key, memory, one.clock)
    with pytest.raises(StorageFailed):
        audit.take_checkpoint(one.id)


# Append-only, where the database can enforce it (A2).

STATEMENTS = [
    "UPDATE {table} SET originator_id = 'x'",
    "DELETE FROM {table}",
    "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "REPLACE INTO {table} SELECT * FROM {table}",
    "INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT DO UPDATE SET {place} = {place} + 1",
    "UPDATE OR REPLACE {table} SET {place} = {place} + 1",
]


@pytest.mark.sqlite_alone("its file and its words")
@pytest.mark.parametrize("table", recorder.APPEND_ONLY_TABLES)
def test_a2_the_database_refuses_to_change_what_is_written(one: World, table: str) -> None:
    place = recorder.APPEND_ONLY_TABLES[table][0]
    with connected(one.path) as connection:
        if table == "log_alarms":
            connection.execute("INSERT INTO log_alarms VALUES (?, 1, 'an alarm', '')", (one.id.hex,))
        before = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
        assert before
        for statement in STATEMENTS:
            with pytest.raises(Refusal, match="append-only"):
                connection.execute(statement.format(table=table, place=place))
            assert connection.execute(f"SELECT * FROM {table}").fetchall() == before, statement  # noqa: S608


@pytest.mark.sqlite_alone("its file and its words")
def test_a2_an_event_cannot_be_replaced_by_its_row_either(one: World) -> None:
    """SQLite's rowid is a second key, by which INSERT OR REPLACE would delete."""
    with connected(one.path) as connection:
        statement = (
            "INSERT OR REPLACE INTO stored_events (rowid, originator_id, originator_version, topic, state) "
            "VALUES (3, 'x', 1, 'x', x'')"
        )
        with pytest.raises(Refusal, match="append-only"):
            connection.execute(statement)
    assert report_of(one).is_whole

"""P1 to P5: people are forgotten, and nothing else is: no byte of a name is left, and every other answer stays."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from application.backups import back_up, restore
from application.erased_names import PepperUnusable
from application.erasing import ErasedListUnusable
from application.log.failures import Busy
from application.log.mapper import PersonKeyGone
from application.log.sealing import BLOCK, Unsealable, new_key, seal, unseal
from application.log.stored import Clearing
from application.proof.verify_export import verify
from application.views.user_list import UserList
from domain.installation import Installation
from domain.login import decide
from domain.login_name import erased_name
from domain.refusals import (
    AuditorNotRemoved,
    LastAdministrator,
    LoginNameTaken,
    Refused,
    UnknownAuditor,
    UnknownOperator,
    UnknownUser,
    UserNotDeleted,
)
from interface.composition import files_beside
from tests.application.audited import export_of
from tests.application.story import history_of
from tests.database import connect
from tests.domain.installations import an_installation, at
from tests.examples import PASSWORD, a_period
from tests.world import BY, World

USERS = [f"Zxq{number:03}Ölçer-user" for number in range(200)]
AUDITORS = [f"Vwk{number}Prüfer-auditor" for number in range(10)]
OPERATOR = "cli:Hjy-Operator"


def erase(world: World, name: str, **options: Any) -> str:
    return world.licensing.erasing.user(world.id, name, by=BY, **options).account_id


# Sealing


def test_p1_a_sealed_name_opens_with_its_key_and_for_its_person_alone() -> None:
    key = new_key()
    sealed = seal(key, "somebody", "Ann Müller", "ann müller")
    assert unseal(key, "somebody", sealed) == ("Ann Müller", "ann müller")
    for wrong in ((new_key(), "somebody", sealed), (key, "another", sealed), (key, "somebody", sealed[:-8])):
        with pytest.raises(Unsealable):
            unseal(*wrong)


def test_p1_what_is_stored_tells_no_more_of_a_names_length_than_blocks() -> None:
    lengths = {len(base64.b64decode(seal(new_key(), "x", "a" * n, "a" * n))) for n in range(1, 32)}
    assert lengths == {12 + BLOCK + 16}
    longest = "\N{CJK UNIFIED IDEOGRAPH-5C71}" * 200
    key = new_key()
    assert unseal(key, "x", seal(key, "x", longest, longest)) == (longest, longest)


def test_p1_the_same_name_is_never_sealed_alike(house: World) -> None:
    house.add("ann")
    house.do("rename_user", "ann", "anna")
    house.do("rename_user", "anna", "ann")
    states = [bytes(state) for (state,) in house.sql("SELECT state FROM stored_events ORDER BY originator_version")]
    assert not any(b"ann" in state for state in states)
    sealed = [state.partition(b'"sealed_name":')[2][:130] for state in states if b"sealed_name" in state]
    assert len(set(sealed)) == len(sealed) == 5


# The whole of it


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[World]:
    """200 users and 10 auditors, with whatever keeps a name: passwords, sessions, links, throttle, log lines."""
    with World(tmp_path_factory.mktemp("crowd")).open() as world:
        fill(world)
        yield world


def fill(world: World) -> None:
    world.on("2026-05-01").register(licenses=400, license_period=a_period("2026-04-01", None))
    world.do("add_users", USERS)
    for name in AUDITORS:
        world.do("add_auditor", name)
    world.do("add_user", "Zxq-by-operator", by=OPERATOR)
    world.on("2026-05-02").do("rename_user", USERS[0], "Zxq-renamed-once")
    world.do("rename_user", "Zxq-renamed-once", USERS[0])
    for name in (*USERS[:4], *AUDITORS[:4]):
        if name in USERS:
            world.do("grant_administrator", name)
        world.give_password(name)
        account = world.accounts.sign_in(world.id, name, PASSWORD, source="192.0.2.7")
        assert account is not None
    for name in USERS[4:8]:
        with pytest.raises(Refused):
            world.accounts.sign_in(world.id, name, "wrong password, twice", source="192.0.2.8")
    world.checkpoint()


def files_of(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def spellings(name: str) -> Iterator[bytes]:
    """The bytes by which a name may stand in a file."""
    for text in {name, name.casefold(), name.lower(), name.upper()}:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            data = text.encode(encoding)
            yield data
            yield data.hex().encode()
            yield data.hex().upper().encode()
            for shift in range(3):  # wherever it begins in what is encoded, its middle is spelled alike
                encoded = base64.b64encode(bytes(shift) + data)
                yield encoded[4 : len(encoded) - 4]
                yield base64.urlsafe_b64encode(bytes(shift) + data)[4 : len(encoded) - 4]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_the_search_finds_a_name_however_it_is_spelled(encoding: str) -> None:
    for data in (f"... {USERS[0]}, ".encode(encoding), f" x{USERS[0].lower()}".encode(encoding)):
        for spelled in (data, data.hex().encode(), base64.b64encode(data), base64.urlsafe_b64encode(data)):
            assert any(each in spelled for each in spellings(USERS[0])), spelled


def answers_at(world: World, position: int, names: list[str]) -> list[Any]:
    """What is answered at a position about these people, and about everybody together."""
    on_day = world.licensing.at(world.id, position)
    return [
        (on_day.in_use, on_day.valid, len(on_day.view.users), len(on_day.view.auditors)),
        *((made.decision, made.code, made.is_administrator) for name in names for made in [decide(on_day, name)]),
    ]


@pytest.mark.sqlite_alone("its files, and backups of them")
def test_p1_half_of_210_people_erased_and_no_byte_of_their_names_is_left(
    crowd: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world, leaving, staying = crowd, [*USERS[::2], *AUDITORS[::2]], [*USERS[1::2], "admin"]
    old_backup = back_up(world.settings.log, tmp_path, files_beside(world.settings), world.clock()).backup
    kept = [checkpoint.note for checkpoint in world.audit.checkpoints(world.id)]
    before = {position: answers_at(world, position, staying) for position in range(1, world.size() + 1, 7)}
    size = world.size()
    keys = dict(world.sql("SELECT account_id, key FROM person_keys"))
    ids = {name: world.view.account_id(name) for name in (*USERS, *AUDITORS)}

    world.on("2026-05-03").do("delete_users", USERS[::2])
    for name in USERS[::2]:
        erase(world, name)
    for name in AUDITORS[::2]:
        world.do("remove_auditor", name)
        world.licensing.erasing.auditor(world.id, name, by=BY)
    world.licensing.erasing.operator(world.id, OPERATOR.removeprefix("cli:"), by=BY)
    gone = [*leaving, "Zxq-renamed-once", OPERATOR.removeprefix("cli:")]

    export, _ = export_of(world)
    (tmp_path / "new").mkdir()
    back_up(world.settings.log, tmp_path / "new", files_beside(world.settings), world.clock())
    haystack = {
        **files_of(world.directory),
        **files_of(tmp_path / "new"),
        "export": export,
        "logs": caplog.text.encode(),
    }
    assert {"seatledger.sqlite", "export", "logs"} <= set(haystack)
    hits = [
        (file, name) for file, data in haystack.items() for name in gone for each in spellings(name) if each in data
    ]
    assert hits == []
    # With its key, a sealed name could be read: no byte of these keys is left either, and those of others are there.
    in_database = b"".join(data for file, data in haystack.items() if ".sqlite" in file)
    assert [name for name in leaving if keys[ids[name]] in in_database] == []
    assert all(keys[ids[name]] in in_database for name in USERS[1::2])
    assert not any(name.encode() in export for name in staying if name != "admin"), "an export names nobody (P4)"

    def stays_as_it_was(one: World) -> None:
        assert {position: answers_at(one, position, staying) for position in before} == before
        for name in leaving:
            assert decide(one.licensing.now(one.id), name).code == "unknown_user"
            assert decide(one.licensing.at(one.id, size), name).code == "unknown_user"
        told = "\n".join(history_of(one))
        assert not any(name in told for name in gone)
        assert "erased person " in told

    stays_as_it_was(world)
    stays_as_it_was(world.another_process())
    report = verify(io.BytesIO(export), kept_checkpoints=[kept], log_keys=[world.vkey])
    assert (report.finding, report.kept_size) == (None, size)
    world.close()
    stays_as_it_was(world)

    # A backup that was made before knows the names again, until the server starts.
    world.close()
    restore(world.settings.log, old_backup, world.clock(), replacing=True)
    assert world.view.user(USERS[0]) is not None
    again = world.licensing.erasing.again(world.id)
    assert len(again) == len(leaving) + 1
    stays_as_it_was(world)
    assert world.licensing.erasing.again(world.id) == []
    with pytest.raises(LoginNameTaken):
        world.add(USERS[0])


# One by one


def test_p2_only_deleted_users_and_removed_auditors_are_erased(house: World) -> None:
    house.add("ann")
    house.do("add_auditor", "vera")
    erasing = house.licensing.erasing
    before = house.size()
    for kind, command, name in (
        (UserNotDeleted, erasing.user, "ann"),
        (UnknownUser, erasing.user, "nobody"),
        (UnknownUser, erasing.user, "vera"),
        (AuditorNotRemoved, erasing.auditor, "vera"),
        (UnknownAuditor, erasing.auditor, "ann"),
        (UnknownOperator, erasing.operator, "nobody"),
    ):
        with pytest.raises(kind):
            command(house.id, name, by=BY)
    assert house.size() == before
    assert house.sql("SELECT count(*) FROM erased_names") == [(0,)]


def test_p2_an_erased_person_is_unknown_and_shown_by_the_first_characters_of_the_id(house: World) -> None:
    house.add("ann", "bob")
    house.do("delete_users", ["ann"])
    account_id = erase(house, "ANN")
    assert house.view.user("ann") is None
    assert house.view.users[account_id].login_name == erased_name(account_id) == f"erased person {account_id[:4]}"
    assert [user.login_name for user in UserList().page(house.view).users] == [
        erased_name(account_id),
        "admin",
        "bob",
    ]
    with pytest.raises(UnknownUser):
        erase(house, "ann")
    with pytest.raises(UnknownUser):
        house.do("restore_user", "ann")
    with pytest.raises(UnknownUser):
        erase(house, erased_name(account_id))


def test_p2_password_links_and_sessions_go_in_the_same_transaction(house: World) -> None:
    house.add("ann", administrator=True)
    house.give_password("admin")
    account = house.accounts.account(house.id, "ann")
    house.give_password("ann")
    house.accounts.make_link(house.id, "ann", by=BY)
    house.licensing._forget = lambda _: None
    house.do("delete_user", "ann")
    held = ("passwords", "password_links", "person_keys")
    count = "SELECT count(*) FROM {} WHERE account_id = ?"
    assert [house.sql(count.format(table), account.account_id) for table in held] == [[(1,)]] * 3
    erase(house, "ann")
    assert [house.sql(count.format(table), account.account_id) for table in held] == [[(0,)]] * 3


def test_p3_the_name_stays_taken_for_users_auditors_renaming_and_imports(house: World) -> None:
    house.add("ann", "bob")
    house.do("rename_user", "ann", "anna")
    house.do("delete_user", "anna")
    erase(house, "anna")
    for process in (house, house.another_process()):
        for name in ("ann", "ANNA"):
            with pytest.raises(LoginNameTaken):
                process.add(name)
            with pytest.raises(LoginNameTaken):
                process.do("add_auditor", name)
            with pytest.raises(LoginNameTaken):
                process.do("rename_user", "bob", name)
    assert house.sql("SELECT count(*), min(length(trace)), max(length(trace)) FROM erased_names") == [(3, 16, 16)]


def test_p3_a_freed_name_leaves_no_trace_and_may_be_given_again(house: World) -> None:
    house.add("ann")
    first = house.view.account_id("ann")
    house.do("delete_user", "ann")
    erase(house, "ann", frees_name=True)
    assert house.sql("SELECT count(*) FROM erased_names") == [(0,)]
    house.add("ann")
    assert house.view.account_id("ann") not in (None, first)
    assert house.view.in_use == 2


@pytest.mark.sqlite_alone("its way to write triggers and bytes")
def test_p3_a_name_is_freed_though_an_erasure_before_kept_it_and_then_failed(house: World) -> None:
    """The trace is kept before the event is stored: a crash, a full disk or somebody else's write comes in between."""
    house.add("ann", "bob")
    house.do("delete_users", ["ann", "bob"])
    erase(house, "bob")
    house.sql("CREATE TRIGGER others BEFORE INSERT ON stored_events BEGIN SELECT RAISE(ABORT, 'a conflict'); END")
    with pytest.raises(Busy):
        erase(house, "ann")
    house.sql("DROP TRIGGER others")
    assert house.view.user("ann") is not None
    assert house.sql("SELECT count(*) FROM erased_names") == [(3,)], "that of ann is there already"
    erase(house, "ann", frees_name=True)
    assert house.sql("SELECT count(*) FROM erased_names") == [(2,)]
    house.add("ann")
    with pytest.raises(LoginNameTaken):
        house.add("bob")


def test_an_operator_who_was_erased_is_somebody_new_with_the_next_command(house: World) -> None:
    first = house.operator
    house.licensing.erasing.operator(house.id, "tester", by=BY)
    house.add("ann")
    assert house.operator != first
    assert [entry.kind for entry in house.entries][-3:] == ["PersonErased", "OperatorSeen", "UserAdded"]


# Mistakes and mishaps


@pytest.mark.sqlite_alone("its files, and backups of them")
def test_p5_a_reader_that_holds_the_files_up_is_told_of_and_the_name_is_gone_with_the_next_erasure(
    house: World,
) -> None:
    house.add("Zxq-ann", "bob")
    house.do("delete_users", ["Zxq-ann", "bob"])
    with closing(connect(house.path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM person_keys").fetchone()
        assert house.licensing.erasing.user(house.id, "Zxq-ann", by=BY).clearing is Clearing.HELD_UP
        assert house.view.user("Zxq-ann") is None, "erased all the same"
    assert house.licensing.erasing.user(house.id, "bob", by=BY).clearing is Clearing.CLEAR
    assert house.path.with_name(f"{house.path.name}-wal").stat().st_size == 0


@pytest.mark.parametrize("damage", ["missing", "unreadable", "other"])
def test_p3_without_its_pepper_nobody_is_added_or_erased_and_logins_go_on(house: World, damage: str) -> None:
    house.add("ann", "bob")
    house.register()
    house.do("delete_users", ["ann", "bob"])
    erase(house, "ann")
    pepper = house.settings.pepper_path
    text = pepper.read_text()
    pepper.unlink()
    if damage == "unreadable":
        pepper.write_text("no pepper at all")
    elif damage == "other":
        pepper.write_text("ab" * 32)
    before = house.size()
    for command in (lambda: house.add("cem"), lambda: erase(house, "bob")):
        with pytest.raises(PepperUnusable) as refused:
            command()
        assert str(pepper) in str(refused.value.facts)
    assert house.size() == before
    assert house.view.user("bob") is not None
    assert house.check() == ("admit", "ok")
    assert [finding.code for finding in house.seatledger.self_checks.findings(house.id)] == ["pepper_unusable"]
    pepper.write_text(text)
    erase(house, "bob")
    house.add("cem")


def test_p5_a_list_that_cannot_be_read_refuses_an_erasure_before_it_begins(house: World) -> None:
    house.add("ann")
    house.do("delete_user", "ann")
    house.settings.erased_people_path.write_text("not an id\n")
    before = house.size()
    with pytest.raises(ErasedListUnusable):
        erase(house, "ann")
    assert (house.size(), house.view.user("ann") is not None) == (before, True)


@pytest.mark.sqlite_alone("its way to write triggers and bytes")
def test_a_person_key_that_was_removed_is_a_finding_and_shuts_nobody_else_out(house: World) -> None:
    house.register()
    house.add("ann", "bob")
    account_id = house.view.account_id("ann")
    house.sql("DELETE FROM person_keys WHERE account_id = ?", account_id)
    house.sql("UPDATE person_keys SET key = zeroblob(32) WHERE account_id = ?", house.view.account_id("bob"))
    house.close()
    assert house.check() == ("admit", "ok")
    assert house.check("ann") == house.check("bob") == ("refuse", "unknown_user")
    (finding,) = house.seatledger.self_checks.findings(house.id)
    assert (finding.code, finding.facts["number"]) == ("names_unreadable", 2)
    assert export_of(house)[1].alarm is None, "names are no part of the proof"
    house.add("cem")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("alice", "alice"),
        ("ALICE", "alice"),
        ("bob", "alice"),
        ("bob", "BOB"),
        (" bob", "bob"),
        ("a/b", "a/b"),
        ("", ""),
    ],
)
def test_a_name_that_no_command_gives_is_a_finding_and_takes_over_nobody(house: World, name: str, key: str) -> None:
    """Whoever can write the database can seal names too; the proof never reads them, so the program looks itself."""
    house.add("alice")
    house.register()
    admitted = house.check("alice")
    forged = Installation.UserAdded(
        originator_id=house.id,
        originator_version=house.size() + 1,
        timestamp=house.clock(),
        by=house.operator,
        command_id=str(uuid4()),
        day=house.today.isoformat(),
        user_id=str(uuid4()),
        login_name=name,
        login_key=key,
        administrator=True,
    )
    house.licensing._acting.events.put([forged])
    for one in (house, house.another_process()):
        codes = [finding.code for finding in one.seatledger.self_checks.findings(one.id)]
        assert codes == ["names_unreadable" if not key else "names_broken"]
        assert one.check("alice") == admitted
        assert one.view.user("alice").is_administrator is False  # type: ignore[union-attr]  # alice is there


def test_p5_an_erasure_that_a_crash_kept_off_the_list_is_caught_up_at_the_start(house: World) -> None:
    house.add("ann")
    house.do("delete_user", "ann")
    account_id = erase(house, "ann")
    house.settings.erased_people_path.unlink()
    assert house.licensing.erasing.again(house.id) == []
    assert house.settings.erased_people_path.read_text() == f"{account_id}\n"


def test_a_start_asks_once_whom_a_restored_backup_knows_however_many_are_erased(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["ann", "bob", "cem"]
    house.add(*names)
    house.do("delete_users", names)
    for name in names:
        erase(house, name)
    people, questions = house.licensing.erasing._people, []
    keys_of = people.keys_of

    def counted(ids: list[str]) -> Any:  # Any: as keys_of gives it
        questions.append(ids)
        return keys_of(ids)

    monkeypatch.setattr(people, "keys_of", counted)
    assert house.licensing.erasing.again(house.id) == []
    assert [set(ids) for ids in questions] == [{*house.licensing.erasing._list.read()}]


@pytest.mark.sqlite_alone("its way to write triggers and bytes")
def test_p5_a_trigger_that_could_keep_what_is_erased_is_a_finding(house: World) -> None:
    house.sql("CREATE TABLE kept (account_id TEXT, key BLOB)")
    assert house.settings.log.schema_differences() == [], "a table alone does nothing"
    house.sql(
        "CREATE TRIGGER keep_keys AFTER INSERT ON person_keys "
        "BEGIN INSERT INTO kept VALUES (NEW.account_id, NEW.key); END"
    )
    (finding,) = house.seatledger.self_checks.findings(house.id)
    assert (finding.code, finding.facts["names"]) == ("schema_differs", ["keep_keys"])


def test_p2_a_key_that_was_put_back_is_deleted_at_the_start(house: World) -> None:
    """Rows of a backup were put in by hand: the log says erased, and the name of then could be read again."""
    house.add("ann")
    account_id, size = house.view.account_id("ann"), house.size()
    ((key,),) = house.sql("SELECT key FROM person_keys WHERE account_id = ?", account_id)
    house.do("delete_user", "ann")
    erase(house, "ann")
    house.sql("INSERT INTO person_keys VALUES (?, ?)", account_id, key)
    before = house.another_process()
    assert before.licensing.at(house.id, size).view.user("ann") is not None
    events = house.size()
    house.licensing.erasing.again(house.id)
    assert house.size() == events, "nothing is recorded twice"
    after = house.another_process()
    assert after.licensing.at(house.id, size).view.user("ann") is None
    assert key not in b"".join(files_of(house.directory).values())


@pytest.mark.sqlite_alone("its files, and backups of them")
def test_p2_whom_a_restored_backup_knows_as_present_leaves_again_and_takes_no_license(
    house: World, tmp_path: Path
) -> None:
    """By no name could anybody delete them; and an administrator without a name must not count as the last one."""
    house.add("ann", "bob")
    house.do("add_auditor", "vera")
    house.do("grant_administrator", "ann")
    for name in ("ann", "admin"):
        house.give_password(name)
    backup = back_up(house.settings.log, tmp_path, files_beside(house.settings), house.clock()).backup
    house.do("delete_user", "ann")
    house.do("remove_auditor", "vera")
    erase(house, "ann")
    house.licensing.erasing.auditor(house.id, "vera", by=BY)
    house.close()
    restore(house.settings.log, backup, house.clock(), replacing=True)
    assert (house.view.in_use, len(house.licensing.erasing.again(house.id))) == (3, 2)
    assert (house.view.in_use, [auditor.is_removed for auditor in house.view.auditors.values()]) == (2, [True])
    with pytest.raises(LastAdministrator):
        house.do("delete_user", "admin")
    assert verify(io.BytesIO(export_of(house)[0]), log_keys=[house.vkey]).finding is None


def test_u3_the_last_administrator_stays_though_erased_until_there_is_another(house: World) -> None:
    erased = house.view.account_id("admin")
    assert erased is not None
    house.settings.erased_people_path.write_text(f"{erased}\n")
    house.licensing.erasing.again(house.id)
    assert house.view.users[erased].is_deleted is False
    house.add("ann", administrator=True)
    house.licensing.erasing.again(house.id, staying=[erased, str(house.view.account_id("ann"))])
    assert house.view.users[erased].is_deleted is True
    assert house.view.user("ann") is not None, "whom nobody erased stays, whatever one is told"
    assert verify(io.BytesIO(export_of(house)[0]), log_keys=[house.vkey]).finding is None


def test_renaming_somebody_whom_another_process_erases_meanwhile_says_who_is_unknown(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the key, the new name cannot be sealed: that is a conflict like any other, and no damage."""
    house.add("ann")
    other = house.another_process()
    acting = house.licensing._acting
    put = acting._put

    def put_late(installation: Installation, after: bytes | None) -> object:  # object: the library's own, passed on
        if other.view.user("ann"):
            other.do("delete_user", "ann")
            erase(other, "ann")
        return put(installation, after)

    monkeypatch.setattr(acting, "_put", put_late)
    with pytest.raises(UnknownUser):
        house.do("rename_user", "ann", "anna")
    house.add("bob")
    house.sql("DELETE FROM person_keys WHERE account_id = ?", house.view.account_id("bob"))
    with pytest.raises(PersonKeyGone):
        house.do("rename_user", "bob", "bobby")


def test_p2_the_domain_forgets_too() -> None:
    """The aggregate that a command loads: nothing of the name is in its state."""
    installation = an_installation("ann")
    installation.rename_user("ann", "anna", stamp=at("2026-02-01"))
    installation.delete_user("anna", stamp=at("2026-02-02"))
    account_id = installation.erase_user("anna", stamp=at("2026-02-03"))
    assert installation.users[account_id].login_name == erased_name(account_id)
    assert set(installation.names) == {"admin"}

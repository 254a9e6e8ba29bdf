"""Answers from an export: the same as the installation's own, without it, and only if the export is sound."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from application.proof.notes import origin_of, vkey
from tests.application.audited import live_a_life
from tests.examples import KEYRING
from tests.interface.cli.conftest import CommandLine
from tests.proof_examples import VKEY, lines_of
from tests.world import World

NAMES = ("admin", "zara", "=zara", "hugo", "alice", "bjørn", "山田太郎", "former", "zoë", "nobody")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """An installation to which everything has happened, its export, and what an auditor kept of it."""
    directory = tmp_path_factory.mktemp("lived")
    with World(directory).open() as world:
        kept = live_a_life(world)
        world.add("zara", "hugo")
        world.do("rename_user", "zara", "'=zara")
        world.do("rename_user", "'=zara", "=ZARA")
        world.do("delete_user", "hugo")
        world.licensing.erasing.user(world.id, "hugo", by="cli:tester")
        world.on("2028-03-01")  # the present: some licenses are over, others in force
        line = CommandLine(world, world.environment)
        line.do("audit", "export", directory / "export", "--names", directory / "names")
        (directory / "kept").write_text(kept[0])
        (directory / "log-key").write_text(vkey(origin_of(world.id), world.log_key.public_key()))
        (directory / "vendor.json").write_text(json.dumps(KEYRING.to_jwk_set()))
        yield line


def export_of(line: CommandLine) -> Path:
    return line.beside("export")


def with_names(line: CommandLine) -> tuple[object, ...]:
    """The options that answer from the export, and call people by their names."""
    return ("--export", export_of(line), "--names", line.beside("names"))


@pytest.fixture
def elsewhere(lived: CommandLine, tmp_path: Path) -> CommandLine:
    """An auditor's machine: no database, no keyring, no keys."""
    nothing = {name: str(tmp_path / "none") for name in ("SEATLEDGER_KEYRING", "SEATLEDGER_LOG_KEY_FILE")}
    return CommandLine(lived.world, {"SEATLEDGER_DATABASE": f"sqlite:///{tmp_path}/none.sqlite", **nothing})


def questions(*when: object) -> Iterator[tuple[object, ...]]:
    yield ("license", "show", *when)
    yield ("license", "covers", "2027-06-01", *when)
    yield ("license", "covers", "2026-04-01", *when)
    yield ("user", "list", *when)
    yield ("check", "alice", "--release-date", "2027-06-01", *when)
    for name in NAMES:
        yield ("check", name, *when)


@pytest.mark.seldom_on_postgresql("every position of a long history")
def test_every_answer_at_every_position_is_that_of_the_installation(lived: CommandLine, elsewhere: CommandLine) -> None:
    """As JSON, as people read it, and on a later day; also where nobody is known by a name yet."""
    positions = range(1, lived.world.size() + 1)
    for position in positions:
        for question in questions("--position", position):
            for form in ((), ("--json",)) if question[0] != "check" or position % 5 == 0 else (("--json",),):
                live = lived.do(*question, *form)
                assert elsewhere.do(*question, *form, *with_names(lived)) == live, (question, form)
    last = positions[-1]
    on = ("--position", last, "--on", "2027-06-01")
    for question in questions(*on):
        assert elsewhere.do(*question, *with_names(lived)) == lived.do(*question), question


@pytest.mark.seldom_on_postgresql("every position of a long history")
def test_at_every_moment_and_the_end_of_every_day_too(lived: CommandLine, elsewhere: CommandLine) -> None:
    entries = lived.world.entries
    moments = {entry.recorded_at.isoformat() for entry in entries if entry.recorded_at.year < 2030}
    days = {entry.day.isoformat() for entry in entries if entry.day.year < 2030}
    for as_of in sorted(moments | days | {"2026-04-30", "2026-05-04T07:00:00Z"}):
        for question in (("license", "show"), ("user", "list"), ("check", "alice")):
            asked = (*question, "--as-of", as_of, "--json")
            assert elsewhere.do(*asked, *with_names(lived)) == lived.do(*asked), asked


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--limit", 1000),
        ("--after", 7, "--limit", 4),
        ("--event", "UserAdded"),
        ("--login-name", "ALICE"),
        ("--login-name", "zara"),
        ("--event", "UserRenamed"),
        ("--login-name", "bjørn", "--event", "AdministratorGranted"),
        ("--by", "tester", "--from", "2026-05-01", "--to", "2026-06-01"),
        ("--by", "admin"),
        ("--all",),
    ],
    ids=str,
)
def test_the_history_is_that_of_the_installation(
    lived: CommandLine, elsewhere: CommandLine, options: tuple[object, ...]
) -> None:
    for form in ((), ("--json",)):
        live, exported = (
            line.run("history", *options, *form, *source)
            for line, source in ((lived, ()), (elsewhere, with_names(lived)))
        )
        assert (exported.exit_code, live.exit_code) == (0, 0)
        assert exported.stdout.splitlines() == up_to_the_newest_event(live.stdout)


def up_to_the_newest_event(history: str) -> list[str]:
    """Its lines without what only the calendar did since: an export's present is its end."""
    lines = history.splitlines()
    while lines and "(calendar)" in lines[-1]:
        lines.pop()
    return lines


@pytest.mark.parametrize("options", [("--newest", "--limit", 5), ("--newest", 3, "--reverse")], ids=str)
def test_an_export_tells_its_newest_lines_and_all_license_keys(
    lived: CommandLine, elsewhere: CommandLine, options: tuple[object, ...]
) -> None:
    told = elsewhere.do("history", *options, *with_names(lived)).splitlines()
    assert set(told) <= set(lived.do("history", "--limit", 1000).splitlines())
    last = lived.world.size()
    listed = lived.do("license", "list", "--position", last)
    assert listed == elsewhere.do("license", "list", *with_names(lived))
    assert "No. 2" in listed


def test_an_exports_present_is_its_end(lived: CommandLine, elsewhere: CommandLine) -> None:
    last = lived.world.size()
    for question in questions():
        live = lived.do(*question, "--position", last)
        assert elsewhere.do(*question, *with_names(lived)) == live, question


def test_without_own_keys_it_says_whose_keys_it_took(lived: CommandLine, elsewhere: CommandLine) -> None:
    export, directory = export_of(lived), lived.directory
    plain = elsewhere.run("license", "show", "--export", export)
    assert "keys taken from the export: shows that it is whole, not who made it" in plain.stderr
    own = (
        "--checkpoint",
        directory / "kept",
        "--log-key",
        directory / "log-key",
        "--keyring",
        directory / "vendor.json",
    )
    said = elsewhere.run("license", "show", "--export", export, *own).stderr
    assert "keys taken from the export" not in said
    assert said.startswith("Warning: Position 22: The license key that was registered here carries a checkpoint ")


def test_what_came_after_the_exports_end_it_says_it_cannot_tell(lived: CommandLine, elsewhere: CommandLine) -> None:
    warning = f"The export ends with event {lived.world.size()}. What was recorded after that, it cannot tell."
    by_moment = elsewhere.run("check", "admin", *with_names(lived), "--as-of", "2026-09-01")
    assert by_moment.exit_code == 0
    assert warning in by_moment.stderr
    earlier = elsewhere.run("check", "admin", *with_names(lived), "--as-of", "2026-04-03")
    assert warning not in earlier.stderr


@pytest.mark.parametrize(
    "question",
    [("license", "show"), ("license", "covers", "2027-01-01"), ("check", "alice"), ("history",), ("user", "list")],
    ids=lambda question: " ".join(question),
)
def test_a_finding_stops_the_answer(
    lived: CommandLine, elsewhere: CommandLine, tmp_path: Path, question: tuple[str, ...]
) -> None:
    export = export_of(lived).read_bytes()
    lines = lines_of(export)
    altered, another = tmp_path / "altered", tmp_path / "another"
    another.write_text(VKEY, encoding="utf-8")  # of another installation
    for content, own, code in (
        (export[:-10], (), "cut_short"),
        (b"".join(lines[:3] + lines[4:]), (), "gap"),
        (export.replace(b'"valid":', b'"valid":1'), (), "other_state"),
        (b"", (), "not_an_export"),
        (export, ("--log-key", another), "log_key_invalid"),
    ):
        altered.write_bytes(content)
        refused = elsewhere.run(*question, "--export", altered, *own)
        assert (refused.exit_code, refused.stdout) == (1, ""), code
        assert "Refused (export_unsound): Nothing is answered from this export" in refused.stderr
        assert f"WRONG ({code}): " in refused.stderr


def test_a_position_or_moment_that_the_export_does_not_have_is_refused(
    lived: CommandLine, elsewhere: CommandLine
) -> None:
    for when in (("--position", 10_000), ("--as-of", "2020-01-01"), ("--as-of", "2999-01-01")):
        refused = elsewhere.run("check", "alice", "--export", export_of(lived), *when)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert refused.stderr.splitlines()[-1].startswith("Refused (no_such_position): ")


def test_wrong_usage_is_2(lived: CommandLine, elsewhere: CommandLine, tmp_path: Path) -> None:
    export, kept = export_of(lived), lived.beside("kept")
    for command in (
        ("license", "show", "--export", tmp_path / "nowhere"),
        ("license", "show", "--export", tmp_path),
        ("license", "show", "--export", "/dev/null"),
        ("license", "show", "--checkpoint", kept),
        ("check", "alice", "--keyring", kept),
        ("check", "alice", "--export", export, "--position", 9, "--on", "2026-04-01"),
        ("check", "alice", "--export", export, "--on", "2026-04-01"),
        ("license", "covers", "soon", "--export", export),
        ("check", "alice", "--names", lived.beside("names")),
        ("check", "alice", "--export", export, "--names", export),
        ("check", "alice", "--export", export, "--names", "/dev/null"),
    ):
        refused = elsewhere.run(*command)
        assert (refused.exit_code, refused.stdout) == (2, ""), command


def test_without_names_people_are_called_by_their_ids(lived: CommandLine, elsewhere: CommandLine) -> None:
    alice = str(lived.world.view.account_id("alice"))
    plain = ("--export", export_of(lived))
    assert json.loads(elsewhere.do("check", "alice", "--json", *plain))["code"] == "unknown_user"
    by_id = json.loads(elsewhere.do("check", alice, "--json", *plain))
    assert by_id["code"] == json.loads(elsewhere.do("check", "alice", "--json", *with_names(lived)))["code"]
    listed = elsewhere.do("user", "list", *plain)
    assert alice in listed
    assert "alice" not in listed
    assert "erased person" in listed, "who was erased is called as everywhere"
    assert "alice" not in elsewhere.do("history", "--limit", 1000, *plain)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"name,id,kind\r\n", "its first line is not “id,kind,name”"),
        (b"", "its first line is not “id,kind,name”"),
        (b"id,kind,name\r\n1,user\r\n", "its line 2 is not an id, a kind and a name"),
        (b"id,kind,name\r\n1,robot,alice\r\n", "its line 2 is not an id, a kind and a name"),
        (b'id,kind,name\r\n1,user,"alice\r\n', "is not an id, a kind and a name"),
        (b"id,kind,name\r\n1,user,bj\xf6rn\r\n", "it is not UTF-8"),
    ],
    ids=["other header", "empty", "a cell less", "other kind", "open quote", "Latin-1"],
)
def test_a_file_of_names_that_is_none_is_wrong_usage(
    lived: CommandLine, elsewhere: CommandLine, tmp_path: Path, content: bytes, problem: str
) -> None:
    (tmp_path / "names").write_bytes(content)
    wrong = elsewhere.run("user", "list", "--export", export_of(lived), "--names", tmp_path / "names")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert problem in " ".join(wrong.stderr.split())


@pytest.mark.parametrize("question", ["check", "history --by", "history --login-name"])
def test_without_the_names_nobody_takes_an_unknown_name_for_a_refused_login(
    lived: CommandLine, elsewhere: CommandLine, question: str
) -> None:
    hint = "Note: an export calls people by their ids and holds no names. Give --names FILE"
    assert hint in elsewhere.run(*question.split(), "alice", "--export", export_of(lived)).stderr
    assert hint not in elsewhere.run(*question.split(), "alice", *with_names(lived)).stderr
    assert hint not in elsewhere.run(*question.split(), "nobody", *with_names(lived)).stderr

"""Answers from an export: the installation's own, without it, with ids for names, and only if the export is sound."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result

from application.proof.notes import origin_of, vkey
from domain.login_name import login_key
from tests.application.audited import live_a_life
from tests.examples import KEYRING
from tests.interface.cli.conftest import CommandLine
from tests.proof_examples import VKEY, lines_of
from tests.world import World

NAMES = ("admin", "alice", "bjørn", "山田太郎", "former", "zoë", "nobody")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """An installation to which everything has happened, its export, and what an auditor kept of it."""
    directory = tmp_path_factory.mktemp("lived")
    with World(directory).open() as world:
        kept = live_a_life(world)
        world.on("2028-03-01")  # the present: some licenses are over, others in force
        line = CommandLine(world, world.environment)
        line.do("audit", "export", directory / "export")
        (directory / "kept").write_text(kept[0])
        (directory / "log-key").write_text(vkey(origin_of(world.id), world.log_key.public_key()))
        (directory / "vendor.json").write_text(json.dumps(KEYRING.to_jwk_set()))
        yield line


def export_of(line: CommandLine) -> Path:
    return line.database.with_name("export")


@pytest.fixture
def elsewhere(lived: CommandLine, tmp_path: Path) -> CommandLine:
    """An auditor's machine: no database, no keyring, no keys."""
    nothing = {name: str(tmp_path / "none") for name in ("SEATLEDGER_KEYRING", "SEATLEDGER_LOG_KEY_FILE")}
    return CommandLine(lived.world, {"SEATLEDGER_DATABASE": f"sqlite:///{tmp_path}/none.sqlite", **nothing})


@dataclass(frozen=True)
class Auditor:
    """Asks on the auditor's machine, where everybody is called by their id, and knows who is who (P4)."""

    line: CommandLine
    export: Path
    names: dict[str, str]
    """The name of each id."""

    def run(self, *question: object) -> Result:
        """The answer to a question in which people are called by their names."""
        ids = {login_key(name): id_ for id_, name in self.names.items()}
        ids |= {f"cli:{login_key(name)}": f"operator:{id_}" for id_, name in self.names.items()}
        return self.line.run(*(ids.get(login_key(str(word)), word) for word in question), "--export", self.export)

    def do(self, *question: object) -> list[str]:
        result = self.run(*question)
        assert result.exit_code == 0, result.output
        return self.told(result.stdout)

    def told(self, said: str) -> list[str]:
        """The lines with names for ids, for the installation's answers and an export's alike; columns are as wide as
        what stands in them, and users are in the order of what they are called."""
        for id_, name in self.names.items():
            said = said.replace(id_, name)
        if said.startswith('{"users"'):
            answer = json.loads(said)
            said = json.dumps({**answer, "users": sorted(answer["users"], key=lambda user: str(user["login_name"]))})
        lines = [" ".join(line.split()).casefold() for line in said.splitlines()]  # as login keys are
        return sorted(lines) if said.startswith("LOGIN NAME") else lines


@pytest.fixture
def auditor(lived: CommandLine, elsewhere: CommandLine) -> Auditor:
    view = lived.world.view
    names = {id_: user.login_name for id_, user in view.users.items()}
    names |= {id_: each.name for people in (view.auditors, view.operators) for id_, each in people.items()}
    assert not set(names.values()) & set(names), "the installation knows all of them by name"
    return Auditor(elsewhere, export_of(lived), names)


def questions(*when: object) -> Iterator[tuple[object, ...]]:
    yield ("license", "show", *when)
    yield ("license", "covers", "2027-06-01", *when)
    yield ("license", "covers", "2026-04-01", *when)
    yield ("user", "list", *when)
    yield ("check", "alice", "--release-date", "2027-06-01", *when)
    for name in NAMES:
        yield ("check", name, *when)


def test_every_answer_at_every_position_is_that_of_the_installation(lived: CommandLine, auditor: Auditor) -> None:
    """As JSON, as people read it, and on a later day; also where nobody is known by a name yet."""
    positions = range(1, lived.world.size() + 1)
    for position in positions:
        for question in questions("--position", position):
            for form in ((), ("--json",)) if question[0] != "check" or position % 5 == 0 else (("--json",),):
                live = auditor.told(lived.do(*question, *form))
                assert auditor.do(*question, *form) == live, (question, form)
    last = positions[-1]
    on = ("--position", last, "--on", "2027-06-01")
    for question in questions(*on):
        assert auditor.do(*question) == auditor.told(lived.do(*question)), question


def test_at_every_moment_and_the_end_of_every_day_too(lived: CommandLine, auditor: Auditor) -> None:
    entries = lived.world.entries
    moments = {entry.recorded_at.isoformat() for entry in entries if entry.recorded_at.year < 2030}
    days = {entry.day.isoformat() for entry in entries if entry.day.year < 2030}
    for as_of in sorted(moments | days | {"2026-04-30", "2026-05-04T07:00:00Z"}):
        for question in (("license", "show"), ("user", "list"), ("check", "alice")):
            asked = (*question, "--as-of", as_of, "--json")
            assert auditor.do(*asked) == auditor.told(lived.do(*asked)), asked


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--limit", 1000),
        ("--after", 7, "--limit", 4),
        ("--event", "UserAdded"),
        ("--login-name", "ALICE"),
        ("--login-name", "bjørn", "--event", "AdministratorGranted"),
        ("--by", "cli:tester", "--from", "2026-05-01", "--to", "2026-06-01"),
        ("--by", "admin"),
        ("--all",),
    ],
    ids=str,
)
def test_the_history_is_that_of_the_installation(
    lived: CommandLine, auditor: Auditor, options: tuple[object, ...]
) -> None:
    for form in ((), ("--json",)):
        live = auditor.told(lived.do("history", *options, *form))
        assert auditor.do("history", *options, *form) == up_to_the_newest_event(live)


def up_to_the_newest_event(lines: list[str]) -> list[str]:
    """The lines of a history without what only the calendar did since: an export's present is its end."""
    while lines and "(calendar)" in lines[-1]:
        lines.pop()
    return lines


@pytest.mark.parametrize("options", [("--newest", "--limit", 5), ("--newest", 3, "--reverse")], ids=str)
def test_an_export_tells_its_newest_lines_and_all_license_keys(
    lived: CommandLine, auditor: Auditor, options: tuple[object, ...]
) -> None:
    told = auditor.do("history", *options)
    assert set(told) <= set(auditor.told(lived.do("history", "--limit", 1000)))
    last = lived.world.size()
    listed = lived.do("license", "list", "--position", last)
    assert auditor.told(listed) == auditor.do("license", "list")
    assert "No. 2" in listed


def test_an_exports_present_is_its_end(lived: CommandLine, auditor: Auditor) -> None:
    last = lived.world.size()
    for question in questions():
        live = auditor.told(lived.do(*question, "--position", last))
        assert auditor.do(*question) == live, question


def test_p4_an_export_calls_nobody_by_name(lived: CommandLine, auditor: Auditor) -> None:
    told = auditor.run("history", "--limit", 1000).stdout + auditor.run("user", "list").stdout
    assert all(id_ in told for id_ in auditor.names)
    assert not any(name in told.replace("administrator", "") for name in auditor.names.values())
    assert not any(f'"{name}"' in export_of(lived).read_text(encoding="utf-8") for name in auditor.names.values())
    by_name = auditor.line.run("history", "--login-name", "alice", "--export", auditor.export)
    assert by_name.stderr.splitlines()[-1].startswith("Refused (unknown_filter): ")


def test_without_own_keys_it_says_whose_keys_it_took(lived: CommandLine, elsewhere: CommandLine) -> None:
    export, directory = export_of(lived), lived.database.parent
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
    assert elsewhere.run("license", "show", "--export", export, *own).stderr == ""


def test_what_came_after_the_exports_end_it_says_it_cannot_tell(lived: CommandLine, elsewhere: CommandLine) -> None:
    warning = f"The export ends with event {lived.world.size()}. What was recorded after that, it cannot tell."
    by_moment = elsewhere.run("check", "admin", "--export", export_of(lived), "--as-of", "2026-09-01")
    assert by_moment.exit_code == 0
    assert warning in by_moment.stderr
    earlier = elsewhere.run("check", "admin", "--export", export_of(lived), "--as-of", "2026-04-03")
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
    export, kept = export_of(lived), lived.database.with_name("kept")
    for command in (
        ("license", "show", "--export", tmp_path / "nowhere"),
        ("license", "show", "--export", tmp_path),
        ("license", "show", "--export", "/dev/null"),
        ("license", "show", "--checkpoint", kept),
        ("check", "alice", "--keyring", kept),
        ("check", "alice", "--export", export, "--position", 9, "--on", "2026-04-01"),
        ("check", "alice", "--export", export, "--on", "2026-04-01"),
        ("license", "covers", "soon", "--export", export),
    ):
        refused = elsewhere.run(*command)
        assert (refused.exit_code, refused.stdout) == (2, ""), command

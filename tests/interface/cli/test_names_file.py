"""The names of people beside an export: written into a file of their own, never over another, for its owner alone."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest

from application.proof.verify_export import verify
from interface.cli.database import by_os_user
from tests.interface.cli.conftest import CommandLine

OPERATOR = by_os_user().removeprefix("cli:")


@pytest.fixture
def lived(line: CommandLine) -> CommandLine:
    line.do("user", "add", "alice", "bob")
    line.do("user", "rename", "alice", "alicia")
    line.do("auditor", "add", "vera")
    line.do("user", "delete", "bob")
    return line


def test_the_export_names_nobody_and_the_second_file_everybody(lived: CommandLine, tmp_path: Path) -> None:
    export, names = tmp_path / "export", tmp_path / "names.csv"
    done = lived.run("audit", "export", export, "--names", names)
    assert done.exit_code == 0
    assert f"The names of people were written to {names}." in done.stdout
    assert "Delete it as soon as it is no longer needed: that is the auditor's duty" in done.stdout
    with export.open("rb") as stream:
        assert verify(stream).finding is None
    text = export.read_text(encoding="utf-8")
    for name in ("alice", "alicia", "bob", "vera"):
        assert f'"{name}"' not in text
    with names.open(encoding="utf-8-sig", newline="") as file:
        sheet = list(csv.DictReader(file))
    assert [(row["kind"], row["name"]) for row in sorted(sheet, key=lambda row: (row["kind"], row["name"]))] == [
        ("auditor", "vera"),
        ("operator", OPERATOR),
        ("user", "admin"),
        ("user", "alice"),
        ("user", "alicia"),
        ("user", "bob"),
    ]
    assert stat.S_IMODE(names.stat().st_mode) == 0o600


def test_an_erased_person_is_in_neither(lived: CommandLine, tmp_path: Path) -> None:
    lived.do("user", "erase", "bob", "--yes")
    lived.do("audit", "export", tmp_path / "export", "--names", tmp_path / "names")
    assert "bob" not in (tmp_path / "names").read_text(encoding="utf-8")
    listed = lived.do("user", "list", "--export", tmp_path / "export", "--names", tmp_path / "names")
    assert listed == lived.do("user", "list")


@pytest.mark.parametrize("there", ["export", "names"])
def test_nothing_that_is_there_is_written_over_and_nothing_half_is_left(
    lived: CommandLine, tmp_path: Path, there: str
) -> None:
    directory = tmp_path / "new"
    directory.mkdir()
    (directory / there).write_text("kept")
    refused = lived.run("audit", "export", directory / "export", "--names", directory / "names")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"Refused (file_exists): {directory / there} is there already")
    assert [(path.name, path.read_text()) for path in directory.iterdir()] == [(there, "kept")]


def test_where_the_names_cannot_be_written_there_is_no_export_either(lived: CommandLine, tmp_path: Path) -> None:
    refused = lived.run("audit", "export", tmp_path / "export", "--names", tmp_path / "nowhere" / "names")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"{tmp_path / 'nowhere' / 'names'} cannot be written" in refused.stderr
    assert not (tmp_path / "export").exists()


def test_an_export_on_standard_output_stays_alone_there(lived: CommandLine, tmp_path: Path) -> None:
    done = lived.run("audit", "export", "-", "--names", tmp_path / "names")
    assert done.exit_code == 0
    assert all(text.startswith("{") for text in done.stdout.splitlines())
    assert "The names of people were written" in done.stderr
    assert (tmp_path / "names").exists()


def test_one_file_for_both_is_wrong_usage(lived: CommandLine, tmp_path: Path) -> None:
    for names in (tmp_path / "export", "-"):
        wrong = lived.run("audit", "export", tmp_path / "export", "--names", names)
        assert (wrong.exit_code, wrong.stdout) == (2, "")
        assert not (tmp_path / "export").exists()

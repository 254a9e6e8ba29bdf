"""Backup and restore: whole or not at all, never over what is in use, and nothing taken in that does not fit."""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from application.log import open_log
from application.words import languages
from tests.database import attacking, connected
from tests.examples import ADMINISTRATOR
from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import serving
from tests.interface.cli.test_language import english_in
from tests.loud import LOUD

pytestmark = pytest.mark.sqlite_alone("backups of its file, and in its place")

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    directory = tmp_path / "backups"
    directory.mkdir(mode=0o700)
    return directory


def over(line: CommandLine, database: Path | str) -> CommandLine:
    """The command line over another database."""
    return CommandLine(line.world, {**line.environment, "SEATLEDGER_DATABASE": f"sqlite:///{database}"})


def back_up(line: CommandLine, directory: Path) -> Path:
    return Path(line.do("backup", directory).strip())


def assert_refused(line: CommandLine, said: str, *command: object) -> None:
    """One line, exit status 1, and everything is as it was."""
    before = {path: path.read_bytes() for path in line.directory.rglob("*") if path.is_file()}
    refused = line.run(*command)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(said), refused.stderr
    assert refused.stderr.count("\n") == 1
    after = {path: path.read_bytes() for path in line.directory.rglob("*") if path.is_file()}
    assert after == before


def test_a_backup_is_one_private_file_that_holds_everything_and_no_key(line: CommandLine, backups: Path) -> None:
    line.do("user", "add", "alice")
    result = line.run("backup", backups)
    assert result.exit_code == 0
    (path,) = backups.iterdir()
    assert result.stdout == f"{path}\n"
    assert "\nIt holds no key: " in result.stderr
    (events,) = re.findall(r"^It was checked: (\d+) events", result.stderr)
    assert int(events) == len(line.json("history")["events"])
    assert path.stat().st_mode & 0o777 == 0o600
    copied = {**line.environment, "SEATLEDGER_DATABASE": f"sqlite:///{path}"}
    assert CommandLine(line.world, copied).do("history", "--json") == line.do("history", "--json")


def test_a_backup_is_made_as_often_as_one_likes(line: CommandLine, backups: Path) -> None:
    for name in ("alice", "bob", "carol"):
        line.do("user", "add", name)
        newest = back_up(line, backups)
    assert over(line, newest).json("check", "carol")["code"] == "no_license"
    assert {path.suffix for path in backups.iterdir()} == {".sqlite"}


def test_two_backups_of_one_moment_are_two(line: CommandLine, backups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a second both are there; of two in one microsecond, the second is refused."""
    moments = [datetime(2026, 4, 10, 9, 0, 0, microsecond, tzinfo=UTC) for microsecond in (1, 2, 2)]
    monkeypatch.setattr("interface.cli.backup.system_clock", lambda: moments.pop(0))
    first, second = back_up(line, backups), back_up(line, backups)
    before = second.read_bytes()
    refused = line.run("backup", backups)
    assert refused.stderr.startswith(f"Refused (file_exists): {second} is there already")
    assert (sorted(backups.iterdir()), second.read_bytes()) == ([first, second], before)


def test_a_backup_as_a_file_is_never_written_over_another(line: CommandLine, backups: Path) -> None:
    line.do("user", "add", "alice")
    named = backups / "before the update"
    assert back_up(line, named) == named
    assert named.stat().st_mode & 0o777 == 0o600
    assert_refused(line, f"Refused (file_exists): {named} is there already", "backup", named)
    assert_refused(
        line,
        f"Refused (backup_refused): No backup was written: {backups / 'none'}: No such file",
        "backup",
        backups / "none" / "backup",
    )
    line.do("user", "delete", "alice")
    line.do("restore", named, "--yes")
    assert line.json("check", "alice")["code"] == "no_license"


def beside(line: CommandLine, name: str) -> Path:
    return line.beside(name)


def test_a_backup_takes_along_what_was_signed_last_and_who_was_erased(line: CommandLine, backups: Path) -> None:
    """On another machine both are as they were; where there is more already, nothing of it is lost."""
    for name in ("alice", "bob"):
        line.do("user", "add", name)
        line.do("user", "delete", name)
    line.do("user", "erase", "alice", "--yes")
    line.do("audit", "checkpoint")
    signed, listed = beside(line, "log-key.pem.signed"), beside(line, "erased-people")
    content, (alice,) = signed.read_bytes(), listed.read_text().splitlines()
    copied = back_up(line, backups)
    for path in (line.database, signed, listed):
        path.unlink()
    restored = line.run("restore", copied)
    assert f"{signed} was missing, and is as the backup had it.\n" in restored.stderr
    assert (signed.read_bytes(), listed.read_text()) == (content, f"{alice}\n")
    with connected(line.database) as connection:
        assert not connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'files%'").fetchall()

    line.do("user", "erase", "bob", "--yes")
    line.do("audit", "checkpoint")
    newer = signed.read_bytes()
    restored = line.run("restore", copied, "--yes")
    assert "Names that were erased again, since the backup still knew them: 1." in restored.stderr
    assert (signed.read_bytes(), len(listed.read_text().splitlines())) == (newer, 2)


def test_a_backup_holds_secrets_only_when_asked_and_says_it_loudly(ready: CommandLine, backups: Path) -> None:
    ready.do("user", "add", "alice")
    ready.do("user", "delete", "alice")
    ready.do("user", "erase", "alice", "--yes")  # it makes the pepper
    secrets = [beside(ready, name) for name in ("secret.key", "log-key.pem", "name-pepper")]
    contents = [path.read_bytes() for path in secrets]
    without = back_up(ready, backups).read_bytes()
    assert not [content for content in contents if content in without]
    result = ready.run("backup", backups / "all", "--with-secrets")
    assert f"\nIT HOLDS SECRETS: {', '.join(map(str, secrets))}. " in result.stderr
    assert (backups / "all").stat().st_mode & 0o777 == 0o600

    for path in (ready.database, *secrets[1:]):
        path.unlink()
    secrets[0].write_bytes(b"another secret of the tests, 32!")
    restored = ready.run("restore", backups / "all")
    assert f"Warning: {secrets[0]} is another one than in the backup, and stays.\n" in restored.stderr
    assert [path.read_bytes() for path in secrets[1:]] == contents[1:]
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}
    assert not [content for content in contents if content in ready.database.read_bytes()]
    ready.do("audit", "checkpoint")


def test_no_backup_is_written_of_a_history_that_was_altered(line: CommandLine, backups: Path) -> None:
    """It could not be restored: what is wrong is said now, and not on the day when it is needed."""
    with attacking(line.database) as connection:
        connection.execute("UPDATE stored_events SET state = state || ' ' WHERE originator_version = 2")
    assert_refused(
        line,
        "Refused (backup_refused): No backup was written, since the history was altered: event 2 does not",
        "backup",
        backups,
    )


def test_backups_are_made_while_the_server_writes(ready: CommandLine, backups: Path) -> None:
    with serving(ready.environment, "serve", "--workers", "2") as server:
        server.until("ready")
        ready.do("user", "add", "alice")
        copied = back_up(ready, backups)
        ready.do("user", "add", "bob")
        assert_refused_while_serving(ready, copied)
    ready.do("restore", copied, "--yes")
    assert (ready.json("check", "alice")["code"], ready.json("check", "bob")["code"]) == ("no_license", "unknown_user")


def assert_refused_while_serving(line: CommandLine, copied: Path) -> None:
    refused = line.run("restore", copied, "--yes")
    assert refused.stderr.startswith("Refused (restore_refused): Nothing was restored: "), refused.stderr
    assert line.json("check", "bob")["code"] == "no_license"


def test_a_backup_holds_what_stands_beside_the_file_while_others_write(line: CommandLine, backups: Path) -> None:
    with connected(line.database) as other:
        other.execute("SELECT count(*) FROM stored_events").fetchone()
        line.do("user", "add", "alice")
        assert line.beside("seatledger.sqlite-wal").stat().st_size > 0
        copied = back_up(line, backups)
    assert over(line, copied).json("check", "alice")["code"] == "no_license"


@posix
@pytest.mark.parametrize("mode", [0o770, 0o702, 0o1777])
def test_no_backup_is_written_where_others_can_write(line: CommandLine, backups: Path, mode: int) -> None:
    backups.chmod(mode)
    assert_refused(
        line,
        f"Refused (backup_refused): No backup was written: others than its owner can write in {backups}",
        "backup",
        backups,
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes somebody else's directory")
def test_no_backup_is_written_into_somebody_elses_directory(
    line: CommandLine, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chown(backups, 65534, 65534)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert_refused(line, f"Refused (backup_refused): No backup was written: {backups} belongs to ", "backup", backups)


def test_a_damaged_database_gives_no_backup(line: CommandLine, backups: Path) -> None:
    with connected(line.database) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'sessions'").fetchone()
    with line.database.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"damage" * 500)
    refused = line.run("backup", backups)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"Error: The database {line.database} cannot be copied: ")
    assert refused.stderr.endswith("No backup was written.\n")
    assert list(backups.iterdir()) == []


def test_a_backup_is_restored_where_there_is_no_database(line: CommandLine, backups: Path) -> None:
    line.do("user", "add", "alice")
    before = line.do("history", "--json")
    back_up(line, backups)
    line.database.unlink()
    result = line.run("restore", backups)
    assert (result.exit_code, result.stdout.split(" is ")[0]) == (0, str(line.database))
    assert "Tell your auditors" in result.stderr
    assert line.do("history", "--json") == before
    assert line.database.stat().st_mode & 0o777 == 0o600


def test_what_is_replaced_is_kept_whole_beside(line: CommandLine, backups: Path) -> None:
    copied = back_up(line, backups)
    line.do("user", "add", "alice")
    lost = line.do("history", "--json")
    assert_refused(
        line, "Refused (restore_refused): Nothing was restored: there is a database already", "restore", copied
    )
    assert "is kept as" in line.run("restore", copied, "--yes").stderr
    assert line.json("check", "alice")["code"] == "unknown_user"
    (aside,) = line.directory.glob("seatledger.sqlite.replaced-*")
    assert over(line, aside).do("history", "--json") == lost


def test_of_a_directory_the_newest_backup_is_restored(line: CommandLine, backups: Path) -> None:
    back_up(line, backups).rename(backups / "seatledger-20260101T000000Z.sqlite")
    line.do("user", "add", "alice")
    newest = back_up(line, backups)
    assert str(newest) in line.do("restore", backups, "--yes")
    assert line.json("check", "alice")["code"] == "no_license"
    assert_refused(
        line,
        "Refused (restore_refused): Nothing was restored: there is no backup",
        "restore",
        line.directory,
        "--yes",
    )


def test_nothing_is_restored_while_anybody_has_the_database_open(line: CommandLine, backups: Path) -> None:
    copied = back_up(line, backups)
    line.do("user", "add", "alice")
    with connected(line.database) as idle:
        idle.execute("SELECT count(*) FROM stored_events").fetchone()
        refused = line.run("restore", copied, "--yes")
        assert refused.stderr == (
            f"Refused (restore_refused): Nothing was restored: {line.database} is in use. "
            "Stop the server and every command first.\n"
        )
        assert not list(line.directory.glob("*.replaced-*"))
    assert line.json("check", "alice")["code"] == "no_license"


def test_an_altered_backup_is_not_restored(line: CommandLine, backups: Path) -> None:
    copied = back_up(line, backups)
    with attacking(copied) as connection:
        connection.execute(
            "UPDATE stored_events SET state = replace(state, 'operator:', 'operat0r:') WHERE originator_version = 2"
        )
    assert_refused(
        line,
        "Refused (restore_refused): Nothing was restored, since the backup was altered: event 2 does not",
        "restore",
        copied,
        "--yes",
    )


def test_what_is_no_whole_database_is_not_restored(line: CommandLine, backups: Path) -> None:
    copied = back_up(line, backups)
    content = copied.read_bytes()
    for damaged in (b"a letter" * 1000, content[: len(content) // 2], content[:9000] + b"x" * 4096 + content[13096:]):
        copied.write_bytes(damaged)
        assert_refused(line, f"Error: The backup {copied} cannot be used: ", "restore", copied, "--yes")
    copied.write_bytes(b"")
    assert_refused(
        line,
        f"Refused (restore_refused): Nothing was restored: {copied} holds no installation",
        "restore",
        copied,
        "--yes",
    )


def test_a_backup_of_another_installation_is_not_restored(line: CommandLine, backups: Path, tmp_path: Path) -> None:
    other = CommandLine(
        line.world, {**line.environment, "SEATLEDGER_DATABASE": f"sqlite:///{tmp_path / 'other.sqlite'}"}
    )
    assert other.init().exit_code == 0
    copied = back_up(other, backups)
    assert_refused(
        line,
        f"Refused (restore_refused): Nothing was restored: {line.database} is of the installation ",
        "restore",
        copied,
        "--yes",
    )


def test_a_damaged_database_gives_way_and_is_kept(line: CommandLine, backups: Path) -> None:
    copied = back_up(line, backups)
    line.database.write_bytes(b"a disk fell down the stairs" * 1000)
    line.do("restore", copied, "--yes")
    assert line.json("check", ADMINISTRATOR)["code"] == "no_license"
    (aside,) = line.directory.glob("seatledger.sqlite.replaced-*")
    assert aside.read_bytes().startswith(b"a disk")


def test_what_a_crash_left_beside_does_not_get_into_the_restored_database(line: CommandLine, backups: Path) -> None:
    copied = back_up(line, backups)
    left = line.beside("seatledger.sqlite-wal")
    with connected(line.database) as other:
        other.execute("SELECT count(*) FROM stored_events").fetchone()
        line.do("user", "add", "alice")
        wal = left.read_bytes()
    line.database.unlink()
    left.write_bytes(wal)
    line.do("restore", copied)
    assert line.json("check", "alice")["code"] == "unknown_user"


def test_a_copy_of_the_files_as_they_lay_there_is_restored_with_what_stands_beside(
    line: CommandLine, backups: Path
) -> None:
    with connected(line.database) as other:
        other.execute("SELECT count(*) FROM stored_events").fetchone()
        line.do("user", "add", "alice")
        for path in line.directory.glob("seatledger.sqlite*"):
            shutil.copy(path, backups)
    line.do("user", "delete", "alice")
    line.do("restore", backups / "seatledger.sqlite", "--yes")
    assert line.json("check", "alice")["code"] == "no_license"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_root_restores_belongs_to_whom_the_database_did(line: CommandLine, backups: Path) -> None:
    copied = back_up(line, backups)
    os.chown(line.database, 65534, 65534)
    line.do("restore", copied, "--yes")
    assert line.database.stat().st_uid == 65534


def test_after_a_clean_stop_the_one_file_holds_everything(ready: CommandLine, tmp_path: Path) -> None:
    with serving(ready.environment, "serve", "--workers", "2") as server:
        server.until("ready")
        ready.do("user", "add", "alice")
        assert ready.beside("seatledger.sqlite-wal").exists()
        assert server.stop() == 0
    shutil.copyfile(ready.database, tmp_path / "copy.sqlite")
    copied = over(ready, tmp_path / "copy.sqlite")
    assert copied.json("check", "alice")["code"] == "no_license"
    assert not list(tmp_path.glob("seatledger.sqlite-*"))


def test_a_command_leaves_nothing_beside_the_file(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    assert not list(line.directory.glob("seatledger.sqlite-*"))


def test_backups_are_told_of_in_the_language(line: CommandLine, backups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "language_of", lambda _: LOUD)
    assert english_in(line.run("backup", backups)) == []
    assert english_in(line.run("restore", backups)) == []
    assert english_in(line.run("restore", backups, "--yes")) == []


def test_settling_makes_no_database_where_there_is_none(tmp_path: Path) -> None:
    log = open_log(f"sqlite:///{tmp_path / 'none.sqlite'}")
    log.settle()
    assert not log.is_in_use()
    assert not list(tmp_path.iterdir())

"""A restored backup at the terminal: what is said of it, and how an auditor accepts the loss."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.database import rows_of
from tests.interface.cli.conftest import CommandLine

LOST = "Refused (log_contradicted): No checkpoint was signed: the log has 5 events, but 7 were signed"


@pytest.fixture
def restored(ready: CommandLine, tmp_path: Path) -> CommandLine:
    """A backup of five events was restored; two more had been signed. An auditor kept a checkpoint of the five."""
    ready.do("user", "add", "alice")
    ready.do("audit", "checkpoint", tmp_path / "kept.txt")
    restore = restoring(ready, tmp_path)
    ready.do("user", "add", "lost", "too")
    ready.do("audit", "checkpoint", tmp_path / "later.txt")
    restore()
    return ready


def restoring(line: CommandLine, directory: Path) -> Callable[[], None]:
    """A backup; gives how it is restored, and asks what the command says of that."""
    if line.is_served:
        return rows_of(line.world.settings)
    backup = line.do("backup", directory).strip()

    def restore() -> None:
        done = line.run("restore", backup, "--yes")
        assert done.exit_code == 0
        assert f"Warning (log_contradicted): {LOST.partition(': ')[2]}" in done.stderr
        assert "let an auditor accept it: “seatledger audit accept-restore --checkpoint FILE”" in done.stderr

    return restore


def newest_event(line: CommandLine) -> str:
    return str(line.json("history", "--limit", "1000")["events"][-1]["event"])


def kept(line: CommandLine) -> Path:
    return line.beside("kept.txt")


def test_a_restored_log_is_not_signed_and_every_command_says_so(restored: CommandLine, tmp_path: Path) -> None:
    refused = restored.run("audit", "checkpoint")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(LOST)
    exported = restored.run("audit", "export", tmp_path / "export")
    assert "Warning: No checkpoint was signed: the log has 5 events, but 7 were signed" in exported.stderr
    assert "Verify the export with each checkpoint that was kept" in exported.stderr, "the export alone is whole"
    status = restored.run("status")
    assert status.exit_code == 2
    assert "No checkpoint is signed any more: the log has 5 events, but 7 were signed" in status.stdout
    doctor = json.loads(restored.run("doctor", "--json").stdout)
    assert [each["code"] for each in doctor["findings"] if each["severity"] == "alarm"] == ["signing_refused"]
    assert "accept-restore --checkpoint FILE" in next(
        each["mend"] for each in doctor["findings"] if each["code"] == "signing_refused"
    )


def test_an_auditor_accepts_the_loss_and_gets_the_new_checkpoint(restored: CommandLine, tmp_path: Path) -> None:
    done = restored.run("audit", "accept-restore", "--checkpoint", kept(restored), "--yes")
    assert done.exit_code == 0
    shown = " ".join(done.stderr.split())
    assert "The log has 5 events, the newest of 2026-04-10T11:00:00+02:00." in shown
    assert "7 events were signed before, the last time at " in shown
    assert "Of what was recorded after event 5 then, nothing is certain any more" in shown
    assert done.stdout.splitlines()[1] == "6"
    assert restored.do("audit", "checkpoint") == done.stdout
    assert newest_event(restored) == "RestoreAccepted"
    (tmp_path / "new.txt").write_text(done.stdout)
    restored.do("audit", "export", tmp_path / "export")
    assert "Nothing is wrong" in restored.do(
        "audit", "verify", tmp_path / "export", "--checkpoint", tmp_path / "new.txt"
    )


def test_it_asks_before_anything_is_changed(restored: CommandLine) -> None:
    for answer, status, saying in (("n\n", 0, "Nothing was changed."), ("", 2, "Nobody answered")):
        done = restored.run("audit", "accept-restore", "--checkpoint", kept(restored), stdin=answer)
        assert "Accept this loss for good?" in done.stderr
        assert saying in done.stderr
        assert (done.exit_code, done.stdout) == (status, "")
    assert restored.run("audit", "checkpoint").stderr.startswith(LOST)
    assert newest_event(restored) == "UserAdded"
    done = restored.run("audit", "accept-restore", "--checkpoint", kept(restored), stdin="y\n")
    assert (done.exit_code, done.stdout.splitlines()[1]) == (0, "6")


def test_a_checkpoint_that_a_mail_mangled_will_do(restored: CommandLine, tmp_path: Path) -> None:
    lines = kept(restored).read_text().splitlines()
    (tmp_path / "mail").write_bytes("\r\n".join(f"> {line}" for line in ["Here it is:", *lines]).encode("utf-16"))
    restored.do("audit", "accept-restore", "--checkpoint", tmp_path / "mail", "--yes")


def test_where_nobody_kept_one_the_newest_of_the_restored_database_will_do(
    restored: CommandLine, tmp_path: Path
) -> None:
    restored.do("audit", "checkpoint", "--newest", tmp_path / "newest.txt")
    assert (tmp_path / "newest.txt").read_text() == kept(restored).read_text()
    restored.do("audit", "accept-restore", "--checkpoint", tmp_path / "newest.txt", "--yes")
    assert restored.do("audit", "checkpoint", "--newest") == restored.do("audit", "checkpoint")


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        ("", 2, "kept.txt cannot be read: it is empty"),
        ("nonsense", 2, "kept.txt cannot be read: it holds no checkpoint"),
        (
            "later",
            1,
            "Refused (loss_not_accepted): Nothing was accepted, and nothing signed: the checkpoint is over 7 ",
        ),
        ("altered", 1, "Refused (loss_not_accepted): Nothing was accepted, and nothing signed: the log key of now did"),
    ],
    ids=["empty", "no checkpoint", "larger", "altered"],
)
def test_another_file_is_refused_and_nothing_is_changed(
    restored: CommandLine, content: str, status: int, said: str
) -> None:
    texts = {
        "later": restored.beside("later.txt").read_text(),
        "altered": kept(restored).read_text().replace("\n5\n", "\n4\n"),
    }
    kept(restored).write_text(texts.get(content, content))
    done = restored.run("audit", "accept-restore", "--checkpoint", kept(restored), "--yes")
    assert (done.exit_code, done.stdout) == (status, "")
    assert said in " ".join(done.stderr.split())
    assert restored.run("audit", "checkpoint").stderr.startswith(LOST)


@pytest.mark.sqlite_alone("its file")
def test_init_does_not_sign_with_what_signed_for_another_installation(line: CommandLine, tmp_path: Path) -> None:
    line.do("audit", "checkpoint")
    line.world.close()
    for file in tmp_path.glob("seatledger.sqlite*"):
        file.unlink()
    again = line.init()
    assert again.exit_code == 1
    assert "Refused (log_key_unusable)" in again.stderr
    assert f"log-key.pem signed the log of another installation, as {tmp_path}/log-key.pem.signed says" in again.stderr
    assert not line.database.exists()
    (tmp_path / "log-key.pem.signed").unlink()
    assert line.init().exit_code == 0

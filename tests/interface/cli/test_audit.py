"""The audit at the terminal: checkpoints, exports and what `audit verify` says of them; asking the past."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import _cffi_backend
import cffi
import cryptography
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.license_keys import Keyring, VerificationKey
from application.proof import verify_export
from application.proof.notes import load_log_key, origin_of, vkey
from tests.database import alter_state, back_up
from tests.examples import KEYRING, a_key
from tests.interface.cli.conftest import CommandLine
from tests.proof_examples import EXPORT, VKEY, flipped, lines_of, seeded

SOUND = "Nothing is wrong."


@pytest.fixture
def lived(line: CommandLine) -> CommandLine:
    """An installation with a license and users, and the export of its history."""
    line.do("license", "register", a_key(licenses=4))
    line.do("user", "add", "alice")
    line.do("audit", "checkpoint", line.beside("kept"))
    line.do("user", "add", "bob")
    line.do("user", "delete", "alice")
    line.do("audit", "export", export_of(line))
    return line


def export_of(line: CommandLine) -> Path:
    return line.beside("export")


def export_anew(line: CommandLine) -> str:
    """Export to the same name again, out of whose way the export before was moved; gives what the command says."""
    export_of(line).unlink(missing_ok=True)
    return line.do("audit", "export", export_of(line))


def own_keys(line: CommandLine) -> list[str | Path]:
    """What an auditor brings along: the log's public key, and the vendor's keyring."""
    directory = line.directory
    key = load_log_key(directory / "log-key.pem").public_key()
    installation_id = line.json("license", "show")["installation_id"]
    (directory / "log-key.txt").write_text(vkey(origin_of(installation_id), key) + "\n")
    (directory / "vendor.json").write_text(json.dumps(KEYRING.to_jwk_set()))
    return ["--log-key", directory / "log-key.txt", "--keyring", directory / "vendor.json"]


def found(line: CommandLine, *options: object, file: Path | None = None) -> str:
    """The last line of a verification that found something."""
    result = line.run("audit", "verify", file or export_of(line), *options)
    assert result.exit_code == 1, result.output
    last: str = result.stdout.splitlines()[-1]
    assert last.startswith("WRONG ("), result.stdout
    return last


def attack(line: CommandLine, statement: str, *values: object) -> None:
    """Change the database as somebody whom it refuses nothing."""
    with line.world.attacker() as connection:
        connection.execute(statement, values)


# Verifying.


def test_a_sound_export_says_all_that_was_checked(lived: CommandLine) -> None:
    verified = lived.do("audit", "verify", export_of(lived), "--checkpoint", lived.beside("kept"))
    lines = verified.splitlines()
    assert lines[1:7] == [
        "8 events checked: positions without a gap, every leaf matches its event.",
        "Rules: the commands of Seatledger could have recorded every one of these events where it stands.",
        "2 checkpoints checked: root and signature, with the export's own log key.",
        "1 license key checked: signature and what the event says, with the export's own keyring.",
        "The first 6 events are those of the checkpoint that you kept.",
        "Alarms in the history: none.",
    ]
    assert lines[8:] == [
        "keys taken from the export: shows that it is whole, not who made it",
        "Replayed: the events give the state that the export shows.",
        SOUND,
    ]


def test_with_the_auditors_own_keys_it_says_so(lived: CommandLine) -> None:
    verified = lived.do("audit", "verify", export_of(lived), *own_keys(lived))
    assert "with your log key" in verified
    assert "with your keyring" in verified
    assert "keys taken from the export" not in verified
    report = lived.json("audit", "verify", export_of(lived), *own_keys(lived))
    assert (report["result"], report["keys_from_export"], report["events"]) == ("ok", False, 8)
    assert set(report["alarms"]) == {"LogAnchorContradicted", "ClockCorrected", "RestoreAccepted"}


def test_every_kept_checkpoint_and_every_old_log_key_is_looked_at(lived: CommandLine) -> None:
    """As after a change of the log key: what was kept from before it is signed with the old one."""
    directory = lived.directory
    _, log_key, *keyring = own_keys(lived)
    shutil.move(log_key, directory / "old.vkey")
    lived.world.sign_with(Ed25519PrivateKey.generate())
    lived.do("user", "add", "carol")
    export_anew(lived)
    own_keys(lived)
    lived.do("audit", "checkpoint", directory / "kept 2")
    many = ["--checkpoint", directory / "kept", "--checkpoint", directory / "kept 2", "--log-key", log_key, *keyring]
    assert "(kept_checkpoint_invalid)" in found(lived, *many)
    report = lived.json("audit", "verify", export_of(lived), *many, "--old-log-key", directory / "old.vkey")
    assert (report["kept_size"], report["checkpoints"], report["checkpoints_by_kept"]) == (9, 3, 2)


def test_verifying_needs_no_database(lived: CommandLine) -> None:
    export = export_of(lived)
    lived.environment["SEATLEDGER_DATABASE"] = "sqlite:///nowhere/none.sqlite"
    assert SOUND in lived.do("audit", "verify", export)


def test_an_export_cut_short_reordered_or_of_nonsense_is_a_finding(lived: CommandLine, tmp_path: Path) -> None:
    export = export_of(lived).read_bytes()
    lines, version = lines_of(export), f'"version":{verify_export.VERSION}'.encode()
    altered = tmp_path / "altered"
    for content, code in (
        (export[:-10], "cut_short"),
        (b"".join(lines[:4]), "cut_short"),
        (b"".join([lines[0], lines[2], lines[1], *lines[3:]]), "gap"),
        (b"".join([*lines[:3], lines[2], *lines[3:]]), "out_of_order"),
        (export.replace(version, b'"version":99', 1), "newer_format"),
        (export + b"\n", "after_the_end"),
        (seeded(1).randbytes(4 << 20), "not_an_export"),
        (lines[0] + seeded(2).randbytes(4 << 20), "malformed_line"),
        (lines[0] + b"{" * (3 << 20), "line_too_long"),
        (b"", "not_an_export"),
    ):
        altered.write_bytes(content)
        assert f"({code})" in found(lived, file=altered), code


def test_no_flipped_bit_of_an_export_ends_in_a_traceback(lived: CommandLine, tmp_path: Path) -> None:
    chance, export, altered = seeded(3), export_of(lived).read_bytes(), tmp_path / "altered"
    for _ in range(30):
        altered.write_bytes(flipped(export, chance))
        assert lived.run("audit", "verify", altered).exit_code in (0, 1)  # 0: in the header's keyring, say


def test_foreign_keys_and_exports_are_findings(lived: CommandLine, tmp_path: Path) -> None:
    other, forged = tmp_path / "other", tmp_path / "forged"
    other.write_text(VKEY)
    assert "(log_key_invalid)" in found(lived, "--log-key", other)
    installation_id = lived.json("license", "show")["installation_id"]
    forged.write_text(vkey(origin_of(installation_id), Ed25519PrivateKey.generate().public_key()))
    assert "(checkpoint_invalid)" in found(lived, "--log-key", forged)
    (tmp_path / "example").write_bytes(EXPORT)
    kept = lived.beside("kept")
    assert "(kept_checkpoint_invalid)" in found(lived, "--checkpoint", kept, file=tmp_path / "example")
    (tmp_path / "empty").write_text('{"keys": []}')
    assert "(keyring_invalid)" in found(lived, "--keyring", tmp_path / "empty")
    another = Keyring([VerificationKey("another", Ed25519PrivateKey.generate().public_key())])
    (tmp_path / "another").write_text(json.dumps(another.to_jwk_set()))
    assert "(license_key_invalid)" in found(lived, "--keyring", tmp_path / "another")


def test_an_export_can_be_verified_from_a_pipe(lived: CommandLine, tmp_path: Path) -> None:
    """As `gunzip -c export.gz | seatledger audit verify /dev/stdin` does."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(daemon=True, target=lambda: pipe.write_bytes(export_of(lived).read_bytes()))
    writer.start()
    assert SOUND in lived.do("audit", "verify", pipe)
    writer.join()


@pytest.mark.parametrize("arguments", [(), ("nowhere",), (".",)])
def test_wrong_usage_of_verify_is_2(lived: CommandLine, arguments: tuple[str, ...]) -> None:
    assert lived.run("audit", "verify", *arguments).exit_code == 2


# Exporting and signing.


def test_an_export_is_for_its_owner_alone(lived: CommandLine) -> None:
    lived.do("user", "add", "carol")
    said = export_anew(lived)
    assert said == f"9 events and 3 checkpoints exported to {export_of(lived)}.\n"
    assert stat.S_IMODE(export_of(lived).stat().st_mode) == 0o600
    assert SOUND in lived.do("audit", "verify", export_of(lived))


def test_an_export_that_cannot_be_written_leaves_nothing(lived: CommandLine, tmp_path: Path) -> None:
    nowhere = lived.run("audit", "export", tmp_path / "none" / "export")
    assert (nowhere.exit_code, nowhere.stdout) == (1, "")
    assert "cannot be written: No such file or directory." in nowhere.stderr
    lived.beside("log-key.pem").unlink()
    refused = lived.run("audit", "export", tmp_path / "new")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "Refused (log_key_unusable): The log key cannot be used: " in refused.stderr
    assert "openssl genpkey -algorithm ed25519" in refused.stderr
    assert not list(tmp_path.glob("*new*"))


def test_a_checkpoint_is_printed_alone_and_the_same_until_the_log_grows(lived: CommandLine) -> None:
    note = lived.do("audit", "checkpoint")
    assert note == lived.do("audit", "checkpoint")
    assert note.split("\n")[1] == "8"
    lived.do("user", "add", "carol")
    assert lived.do("audit", "checkpoint").split("\n")[1] == "9"
    refused = lived.run("audit", "checkpoint", lived.directory / "none" / "x")
    assert refused.exit_code == 1
    assert "cannot be written" in refused.stderr


@pytest.mark.parametrize("command", ["export", "checkpoint", "verifier"])
@pytest.mark.parametrize("there", ["file", "link", "dangling", "directory", "pipe"])
def test_nothing_that_is_there_is_written_over(lived: CommandLine, tmp_path: Path, command: str, there: str) -> None:
    target, path = tmp_path / "target", tmp_path / "there"
    if there == "file":
        path.write_text("kept")
    elif there == "directory":
        path.mkdir()
    elif there == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(target)
        if there == "link":
            target.write_text("kept")

    def everything() -> tuple[object, ...]:
        info = path.lstat()
        return lived.json("history"), sorted(tmp_path.iterdir()), info.st_ino, info.st_mode, info.st_size, info.st_mtime

    before = everything()
    refused = lived.run("audit", command, path)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"Refused (file_exists): {path} is there already, and what was kept is never written over. Nothing was "
        "written: give another name, or move that file away.\n"
    )
    assert everything() == before
    if there in ("file", "link"):
        assert path.read_text() == "kept"


def test_the_verifier_is_written_out_as_it_is(lived: CommandLine, tmp_path: Path) -> None:
    program = Path(verify_export.__file__).read_bytes()
    said = lived.do("audit", "verifier", tmp_path / "verify_export.py")
    assert (tmp_path / "verify_export.py").read_bytes() == program
    assert sha256(program).hexdigest() in said
    printed = lived.run("audit", "verifier", "-")
    assert (printed.exit_code, printed.stdout_bytes) == (0, program)
    verified = subprocess.run(
        [sys.executable, tmp_path / "verify_export.py", export_of(lived)], capture_output=True, text=True, check=True
    )
    assert verified.stdout.endswith(f"{SOUND}\n")


@pytest.mark.parametrize("name", ["verify.html", "Verify.HTML"])
def test_a_name_that_ends_with_html_asks_for_the_verifier_in_the_browser(
    lived: CommandLine, tmp_path: Path, name: str
) -> None:
    page = (Path(__file__).parents[3] / "docs" / "verify.html").read_bytes()
    said = lived.do("audit", "verifier", tmp_path / name)
    assert (tmp_path / name).read_bytes() == page
    assert sha256(page).hexdigest() in said


# What an altered database looks like from outside.


def test_a_flipped_bit_stops_the_signer_and_is_named(lived: CommandLine) -> None:
    with lived.world.attacker() as attacker:
        alter_state(attacker, 6, b'"administrator":false', b'"administrator":true')
    refused = lived.run("audit", "checkpoint")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[-1] == (
        "Refused (log_contradicted): No checkpoint was signed: event 6 does not match its leaf."
    )
    export_of(lived).unlink()
    exported = lived.run("audit", "export", export_of(lived))
    assert exported.exit_code == 0
    assert "Warning: No checkpoint was signed: event 6 does not match its leaf." in exported.stderr
    assert found(lived).startswith("WRONG (leaf_mismatch): Position 6: ")


def test_a_log_that_no_longer_can_be_read_is_exported_and_named(lived: CommandLine) -> None:
    attack(lived, "UPDATE stored_events SET state = ? WHERE originator_version = 3", b"\0")
    assert lived.run("check", "bob").stderr.startswith("Error: Event 3 cannot be read: ")
    export_anew(lived)
    assert found(lived).startswith("WRONG (leaf_mismatch): Position 3: ")


@pytest.mark.parametrize(
    ("statement", "said", "position"),
    [
        ("DELETE FROM stored_events WHERE originator_version = 1", "Event 2 follows event 0: ", 1),
        (
            "UPDATE stored_events SET originator_id = 'ffffffffffffffffffffffffffffffff' WHERE originator_version = 1",
            "Event 2 follows event 0: ",
            1,
        ),
        ("DELETE FROM stored_events WHERE originator_version = 6", "Event 7 follows event 5: ", 6),
        ("UPDATE stored_events SET topic = x'ff' WHERE originator_version = 6", "Event 6 has the topic ", 6),
    ],
)
def test_no_altered_log_ends_in_a_traceback(lived: CommandLine, statement: str, said: str, position: int) -> None:
    attack(lived, statement)
    assert_told(lived, said, position)


def test_no_event_of_another_form_ends_in_a_traceback(lived: CommandLine) -> None:
    with lived.world.attacker() as attacker:
        alter_state(attacker, 6, b"user_id", b"user_ie")
    assert_told(lived, "Event 6 does not fit those before it: ", 6)


def assert_told(lived: CommandLine, said: str, position: int) -> None:
    """Every command says so, and so does whoever verifies."""
    for command in (("user", "add", "carol"), ("check", "bob"), ("license", "show"), ("history",)):
        refused = lived.run(*command)
        assert (refused.exit_code, refused.stdout) == (1, ""), command
        assert refused.stderr.startswith(f"Error: {said}"), command
    export_anew(lived)
    assert f": Position {position}: " in found(lived)


def test_a_removed_newest_event_is_named_without_its_leaf_and_with_it(lived: CommandLine) -> None:
    attack(lived, "DELETE FROM stored_events WHERE originator_version = 8")
    export_anew(lived)
    assert found(lived).startswith("WRONG (event_missing): Position 8: ")
    attack(lived, "DELETE FROM merkle_leaves WHERE position = 8")
    export_anew(lived)
    assert found(lived).startswith("WRONG (events_missing): Position 8: ")


@pytest.mark.sqlite_alone("a backup of its file")
def test_a_restored_backup_is_found_with_the_kept_checkpoint_alone(lived: CommandLine, tmp_path: Path) -> None:
    backup = tmp_path / "backup.sqlite"
    back_up(lived.database, backup)
    lived.do("user", "add", "carol")
    kept = tmp_path / "newest"
    lived.do("audit", "checkpoint", kept)
    lived.environment["SEATLEDGER_DATABASE"] = f"sqlite:///{backup}"
    lived.environment["SEATLEDGER_LOG_KEY_FILE"] = str(tmp_path / "log-key.pem")
    export_anew(lived)
    assert SOUND in lived.do("audit", "verify", export_of(lived))
    assert found(lived, "--checkpoint", kept).startswith("WRONG (older_than_kept_checkpoint): Position 9: ")
    lived.do("user", "add", "somebody else")
    export_anew(lived)
    assert found(lived, "--checkpoint", kept).startswith("WRONG (kept_checkpoint_contradicted): Position 1: ")


# The log key is made by init, or nothing is.


def test_init_makes_a_log_key_for_its_owner_alone(line: CommandLine) -> None:
    key = line.beside("log-key.pem")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    load_log_key(key)


def test_init_refuses_a_log_key_that_cannot_be_used(bare: CommandLine) -> None:
    key = bare.beside("log-key.pem")
    key.write_text("another installation's")
    key.chmod(0o600)
    refused = bare.init()
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Refused (log_key_unusable): The log key cannot be used: ")
    assert not bare.holds_anything()
    assert key.read_text() == "another installation's"


@pytest.mark.sqlite_alone("two files")
def test_init_uses_a_log_key_again_and_publishes_it_for_each_installation(bare: CommandLine, tmp_path: Path) -> None:
    first = bare.init()
    key = bare.beside("log-key.pem")
    made = key.read_bytes()
    bare.environment["SEATLEDGER_DATABASE"] = f"sqlite:///{bare.beside('second.sqlite')}"
    second = bare.init()
    assert second.exit_code == 0
    assert f"The log key {key} was there and is used again. " in second.stderr
    assert key.read_bytes() == made
    published = key.with_suffix(".vkey")
    names = [line.split("+")[0] for line in published.read_text().splitlines()]
    assert names == [f"seatledger/{opened.stdout.strip()}" for opened in (first, second)]
    export = tmp_path / "export"
    bare.do("audit", "export", export)
    assert "with your log key." in bare.do("audit", "verify", export, "--log-key", published)


@pytest.mark.sqlite_alone("its file")
def test_an_init_that_fails_leaves_neither_database_nor_log_key(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = bare.run(
        *("init", "--name", "x", "--product", "x", "--time-zone", "UTC", "--admin", "admin", "--password-stdin"),
        stdin="a password of 24 characters",
        SEATLEDGER_LOG_KEY_FILE=str(bare.directory / "none" / "log-key.pem"),
    )
    assert refused.exit_code == 1
    assert not bare.database.exists()

    def no_space(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("application.accounts.Accounts.set_password", no_space)
    with pytest.raises(OSError, match="No space left"):
        bare.init()
    assert [path.name for path in bare.directory.iterdir()] == ["keyring.json"]


# Asking the past.


def test_the_past_is_what_was_answered_then(line: CommandLine) -> None:
    """Replay at every position, and as of every moment, gives what `--json` said when it was the present."""
    said: list[tuple[datetime, int, Any, Any]] = []

    def ask() -> None:
        check = line.json("check", "alice")
        said.append((line.world.clock.now, check["position"], check, line.json("license", "show")))

    steps = [
        lambda: line.do("license", "register", a_key(licenses=2)),
        lambda: line.do("user", "add", "alice"),
        lambda: line.do("user", "add", "bob"),
        lambda: line.do("user", "delete", "bob"),
        lambda: line.do("license", "register", a_key(licenses=9, issued_at=int(line.world.clock.now.timestamp()))),
    ]
    ask()
    for number, step in enumerate(steps):
        line.world.on(datetime.fromisoformat(f"2026-05-{4 + number:02}T09:00:00+00:00"))
        step()
        ask()
    line.world.on(datetime.fromisoformat("2028-01-01T09:00:00+00:00"))
    ask()
    for moment, position, check, show in said:
        as_of = moment.isoformat()
        assert line.json("check", "alice", "--as-of", as_of) == check
        assert line.json("license", "show", "--as-of", as_of) == show
        if moment.year == 2026:  # on the day of its newest event
            assert line.json("check", "alice", "--position", position) == check
            assert line.json("license", "show", "--position", position) == show


@pytest.mark.parametrize("command", [("check", "admin"), ("license", "show")])
def test_questions_about_other_times_exclude_each_other(line: CommandLine, command: tuple[str, ...]) -> None:
    for options in (
        ("--position", 1, "--on", "2026-04-09"),
        ("--position", 1, "--as-of", "2026-04-10T09:00:00Z"),
        ("--as-of", "2026-04-10T09:00:00Z", "--on", "2030-01-01"),
        ("--position", 0),
        ("--position", "x"),
        ("--as-of", "yesterday"),
        ("--as-of", "2026-04-31"),
        ("--as-of", "2026-04-10T09:00:00"),
    ):
        result = line.run(*command, *options)
        assert (result.exit_code, result.stdout) == (2, ""), options


@pytest.mark.parametrize(
    "options", [("--position", 5), ("--as-of", "2020-01-01T00:00:00Z"), ("--as-of", "2040-01-01T00:00:00Z")]
)
def test_a_time_that_the_history_does_not_have_is_refused(line: CommandLine, options: tuple[object, ...]) -> None:
    refused = line.run("check", "admin", *options)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Refused (no_such_position): ")


def test_the_history_is_filtered(lived: CommandLine) -> None:
    def positions(*options: object) -> list[int]:
        answer = lived.json("history", *options)
        assert set(answer) == {"events", "next"}
        return [event["position"] for event in answer["events"]]

    assert positions("--event", "UserAdded") == [3, 6, 7]
    assert positions("--login-name", "ALICE") == [6, 8]
    assert positions("--login-name", "alice", "--event", "UserDeleted") == [8]
    assert positions("--from", "2026-04-11") == []
    assert positions("--from", "2026-04-10", "--to", "2026-04-10", "--limit", 2) == [1, 2]
    by = lived.json("history")["events"][0]["by"]
    assert positions("--by", by, "--after", 6) == [7, 8]
    assert positions("--by", "admin") == []


@pytest.mark.parametrize(
    ("options", "exit_code"),
    [
        (("--event", "Nonsense"), 2),
        (("--from", "yesterday"), 2),
        (("--login-name", "nobody"), 1),
        (("--by", "nobody"), 1),
        (("--from", "2026-04-10", "--to", "2026-04-09"), 1),
    ],
)
def test_an_impossible_filter_is_refused(lived: CommandLine, options: tuple[str, ...], exit_code: int) -> None:
    refused = lived.run("history", *options)
    assert (refused.exit_code, refused.stdout) == (exit_code, "")


# The vendor's anchor.


@pytest.fixture
def vendor(lived: CommandLine, tmp_path: Path) -> list[object]:
    """The command by which this installation's vendor issues a license key."""
    lived.do("vendor", "new-key", tmp_path / "vendor", "--kid", "v1")
    lived.environment["SEATLEDGER_KEYRING"] = str(tmp_path / "vendor" / "keyring.json")
    options = {"customer": "C", "product": "timetracker-nx", "edition": "E", "licenses": 5}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    key = tmp_path / "vendor" / "signing-key.pem"
    return ["vendor", "issue", "--signing-key", key, "--kid", "v1", *words, "--license-start", "2026-04-01"]


def test_a_license_key_carries_a_checkpoint(lived: CommandLine, vendor: list[object]) -> None:
    kept = lived.beside("kept")
    issued = lived.run(*vendor, "--anchor", kept, "--issued-at", "2026-04-10T08:00:00Z")
    assert issued.exit_code == 0
    assert "the checkpoint's signature was not checked" in issued.stderr
    claims = lived.json("vendor", "inspect", issued.stdout.strip())["claims"]
    assert claims["x_log_size"] == 6
    assert claims["x_log_root"] == kept.read_text().split("\n")[2]
    assert claims["aud"] == lived.json("license", "show")["installation_id"]
    assert f"Anchor               6 events, root {claims['x_log_root']}\n" in lived.do(
        "vendor", "inspect", issued.stdout.strip()
    )
    lived.do("license", "register", issued.stdout.strip(), "--yes")
    assert lived.json("history")["events"][-1]["event"] == "LicenseRegistered"


def test_with_the_log_key_the_checkpoint_is_checked(lived: CommandLine, vendor: list[object], tmp_path: Path) -> None:
    log_key = own_keys(lived)[1]
    kept = lived.beside("kept")
    assert "not checked" not in lived.run(*vendor, "--anchor", kept, "--log-key", log_key).stderr
    forged = tmp_path / "forged"
    forged.write_text(kept.read_text().replace("\n6\n", "\n4\n"))
    refused = lived.run(*vendor, "--anchor", forged, "--log-key", log_key)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Refused (anchor_unusable): The checkpoint cannot go into a license key: ")
    assert lived.run(*vendor, "--log-key", log_key).exit_code == 2
    assert lived.run(*vendor, "--anchor", tmp_path / "nowhere").exit_code == 1


def test_the_checkpoint_and_the_license_key_are_of_one_installation(lived: CommandLine, vendor: list[object]) -> None:
    kept = lived.beside("kept")
    own = lived.json("license", "show")["installation_id"]
    assert lived.run(*vendor, "--anchor", kept, "--installation", own).exit_code == 0
    for other in ("7d3c1f5a-2b64-4e0e-9c58-0f6a1d2b3c4d", "*"):
        refused = lived.run(*vendor, "--anchor", kept, "--installation", other)
        assert (refused.exit_code, refused.stdout) == (2, "")


def test_a_key_whose_anchor_the_log_contradicts_is_registered_with_an_alarm(
    lived: CommandLine, vendor: list[object], tmp_path: Path
) -> None:
    forged = tmp_path / "forged"
    forged.write_text(lived.beside("kept").read_text().replace("\n6\n", "\n4\n"))
    key = lived.run(*vendor, "--anchor", forged, "--issued-at", "2026-04-10T08:00:00Z").stdout.strip()
    lived.do("license", "register", key, "--yes")
    assert lived.json("history")["events"][-1]["event"] == "LogAnchorContradicted"


# The single file, on a machine that has nothing of ours.


def test_the_single_file_needs_python_and_cryptography_alone(lived: CommandLine, tmp_path: Path) -> None:
    """Run from a directory that holds the one file and the package cryptography, with nothing installed in sight."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    for package in (cryptography, cffi):
        source = Path(package.__file__ or "").parent
        (place / source.name).symlink_to(source)
    shutil.copy(_cffi_backend.__file__, place)
    shutil.copy(verify_export.__file__, place / "verify_export.py")
    script = (
        "import sys, runpy; sys.path.insert(0, '.'); sys.argv = ['verify_export.py', *sys.argv[1:]]; "
        "runpy.run_path('verify_export.py', run_name='__main__')"
    )
    # -I and -S: neither the environment, nor the working directory, nor site-packages.
    command = [sys.executable, "-I", "-S", "-c", script, export_of(lived), *own_keys(lived)]
    result = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith(f"{SOUND}\n")
    hidden = subprocess.run(
        [sys.executable, "-I", "-S", "-c", "import eventsourcing"], cwd=place, capture_output=True, check=False
    )
    assert hidden.returncode == 1

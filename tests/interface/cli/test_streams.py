"""What only a real process shows of its streams: full disks, closed ones, encodings; and what is read from them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.examples import ADMINISTRATOR
from tests.interface.cli.conftest import PASSWORD, CommandLine
from tests.interface.cli.processes import COMMAND, PATIENCE, free_port, run
from tests.interface.cli.test_accounts import signs_in

PRINTING: list[tuple[str, ...]] = [
    ("--help",),
    ("--version",),
    ("user", "--help"),
    ("user", "list"),
    ("user", "list", "--json"),
    ("user", "add", "alice"),
    ("user", "import", "-"),
    ("check", ADMINISTRATOR),
    ("check", ADMINISTRATOR, "--json"),
    ("completion", "bash"),
    ("history",),
    ("history", "--json"),
    ("license", "show"),
    ("license", "show", "--json"),
    ("auditor", "list"),
    ("auditor", "add", "audrey"),
    ("token", "list"),
    ("token", "list", "--json"),
    ("audit", "checkpoint"),
    ("audit", "checkpoint", "-"),
    ("audit", "export", "-"),
    ("password", ADMINISTRATOR, "--password-stdin"),
]
"""Commands, of which each writes something to standard output."""

STDIN = {"import": b"login_name\nalice\n", "--password-stdin": b"an entirely new password\n"}


def run_into(line: CommandLine, stdout: BinaryIO | None, *arguments: str) -> tuple[int, str]:
    """The exit status and standard error of a command whose standard output is `stdout`, or closed."""
    command = [*COMMAND, *arguments]
    if stdout is None:
        command = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
    ended = subprocess.run(
        command,
        env={**os.environ, **line.environment},
        input=next((STDIN[word] for word in arguments if word in STDIN), b""),
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=PATIENCE,
        check=False,
    )
    return ended.returncode, ended.stderr.decode()


@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_c11_a_full_disk_behind_standard_output_is_one_sentence(ready: CommandLine, arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        status, said = run_into(ready, full, *arguments)
    assert status == 1
    assert said.count("Error: ") == 1
    assert said.endswith(
        "Error: The output cannot be written: No space left on device. What the command changed stays changed.\n"
    )
    assert "Traceback" not in said
    assert "Exception ignored" not in said


@pytest.mark.parametrize("arguments", [PRINTING[0], *PRINTING[3:8], *PRINTING[16:20]], ids=" ".join)
def test_c11_a_closed_standard_output_is_one_sentence(ready: CommandLine, arguments: tuple[str, ...]) -> None:
    status, said = run_into(ready, None, *arguments)
    assert status == 1
    assert said.count("Error: The output cannot be written: ") == 1
    assert "Traceback" not in said


@pytest.mark.parametrize("arguments", [PRINTING[3], PRINTING[9], PRINTING[16], PRINTING[19]], ids=" ".join)
def test_c11_who_closes_the_pipe_has_seen_enough(ready: CommandLine, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as broken:
        status, said = run_into(ready, broken, *arguments)
    assert status == 1
    assert "Error" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("place", ["full", "closed", "broken"])
def test_c11_a_token_that_nobody_saw_is_revoked(ready: CommandLine, place: str) -> None:
    arguments = ("token", "create", "gateway", "--scope", "login-check")
    if place == "full":
        with Path("/dev/full").open("wb") as full:
            status, said = run_into(ready, full, *arguments)
    elif place == "closed":
        status, said = run_into(ready, None, *arguments)
    else:
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as broken:
            status, said = run_into(ready, broken, *arguments)
    assert status == 1
    assert said.startswith("Refused (token_not_printed): The token could not be printed (")
    assert [event["event"] for event in ready.json("history")["events"]][-2:] == ["TokenCreated", "TokenRevoked"]


def test_c11_with_nothing_open_a_command_still_ends(ready: CommandLine) -> None:
    """No file of its own, such as the database, becomes one of the three streams."""
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *COMMAND, "user", "add", "alice"],
        env={**os.environ, **ready.environment},
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 1
    assert [user["login_name"] for user in ready.json("user", "list")["users"]] == [ADMINISTRATOR, "alice"]


def test_c11_a_demo_that_cannot_say_how_to_sign_in_ends(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [*COMMAND, "demo", "--data", str(tmp_path / "demo"), "--port", str(free_port())],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
            check=False,
        )
    assert ended.returncode == 1
    assert b"Error: The output cannot be written: " in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_c11_an_export_to_standard_output_is_the_export_alone(ready: CommandLine, tmp_path: Path) -> None:
    exported = subprocess.run(
        [*COMMAND, "audit", "export", "-"],
        env={**os.environ, **ready.environment, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        cwd=tmp_path,
        timeout=PATIENCE,
        check=False,
    )
    assert exported.returncode == 0
    assert b"exported to standard output." in exported.stderr
    file = tmp_path / "export"
    file.write_bytes(exported.stdout)
    assert ready.run("audit", "verify", file).exit_code == 0
    assert not (tmp_path / "-").exists()
    noted = subprocess.run(
        [*COMMAND, "audit", "checkpoint", "-"],
        env={**os.environ, **ready.environment, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        cwd=tmp_path,
        timeout=PATIENCE,
        check=False,
    )
    assert noted.stdout.startswith(b"seatledger/")
    assert not (tmp_path / "-").exists()


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii", "cp437", "utf-16", "shift_jis", "utf-8"])
def test_c8_json_is_json_whatever_the_console(line: CommandLine, encoding: str) -> None:
    names = ["x😀", "grüße", "山田", "Ωmega", "“quoted”", "a\\b", "é"]
    for name in names:
        line.do("user", "add", name)
    listed = run(line.environment, "user", "list", "--json", PYTHONIOENCODING=encoding)
    assert listed.returncode == 0
    assert {user["login_name"] for user in json.loads(listed.stdout.decode())["users"]} == {ADMINISTRATOR, *names}
    checked = run(line.environment, "check", "x😀", "--json", PYTHONIOENCODING=encoding)
    assert json.loads(checked.stdout.decode())["login_name"] == "x😀"
    for question in (("history", "--json"), ("license", "show", "--json")):
        assert json.loads(run(line.environment, *question, PYTHONIOENCODING=encoding).stdout.decode())


NEW = "grüne Wiesen, schöne Kühe"

MARKED = [
    NEW.encode("utf-8-sig"),
    b"\xef\xbb\xbf\xef\xbb\xbf" + NEW.encode(),
    NEW.encode("utf-16"),
    b"\xff\xfe" + NEW.encode("utf-16-le"),
    b"\xfe\xff" + NEW.encode("utf-16-be"),
    b"\xff\xfe\x00\x00" + NEW.encode("utf-32-le"),
    NEW.encode(),
]
ENDS = ["", "\n", "\r\n", "\nĊ the second line, whose first letter has the byte 0A\n"]


@pytest.mark.parametrize("end", ENDS, ids=ascii)
@pytest.mark.parametrize("written", MARKED, ids=ascii)
def test_c5_a_password_is_read_by_its_mark(line: CommandLine, written: bytes, end: str) -> None:
    is_wide = written[:2] in (b"\xff\xfe", b"\xfe\xff")
    encoding = "utf-8"
    if is_wide:
        encoding = "utf-16-be" if written[:2] == b"\xfe\xff" else "utf-16-le"
        encoding = "utf-32-le" if written[:4] == b"\xff\xfe\x00\x00" else encoding
    line.do("password", ADMINISTRATOR, "--password-stdin", stdin=written + end.encode(encoding))
    assert signs_in(line, ADMINISTRATOR, NEW)


@pytest.mark.parametrize("letter", ["Ċ", "ਊ", "\u0a0d", "\u0d0a"])
def test_c5_the_byte_of_a_line_feed_inside_of_a_character_ends_no_line(line: CommandLine, letter: str) -> None:
    password = f"vier {letter} grüne Wiesen"
    for encoding, mark in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        line.do("password", ADMINISTRATOR, "--password-stdin", stdin=mark + f"{password}\r\nmore".encode(encoding))
        assert signs_in(line, ADMINISTRATOR, password)


NO_TEXT = [
    b"not utf-8: \xff\xff\xff and more",
    "grüne Wiesen, schöne Kühe".encode("latin-1"),
    "grüne Wiesen, schöne Kühe".encode("cp437"),
    "grüne Wiesen, schöne Kühe".encode("utf-16-le"),
    "grüne Wiesen, schöne Kühe".encode("utf-16-be"),
    b"surrogates: \xed\xa0\x80 and more",
    b"overlong: \xc0\xaf and even more",
    b"\xff\xfe" + b"\x00\xd8" * 14,
    b"cut off: an even longer one \xc3",
    "密码密码密码密码密码密码密码".encode("gb18030"),
    b"a\x00password\x00with\x00zeros",
]


@pytest.mark.parametrize("written", NO_TEXT, ids=ascii)
def test_c5_other_bytes_are_refused_and_never_part_of_a_password(line: CommandLine, written: bytes) -> None:
    refused = line.run("password", ADMINISTRATOR, "--password-stdin", stdin=written + b"\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        "Refused (input_unreadable): Standard input cannot be read: it is neither UTF-8 nor UTF-16 with a byte order "
        "mark; write it as UTF-8.\n"
    )
    assert signs_in(line, ADMINISTRATOR, PASSWORD)


@pytest.mark.parametrize("written", NO_TEXT[:6], ids=ascii)
def test_c5_neither_init_nor_passphrases_take_them(bare: CommandLine, tmp_path: Path, written: bytes) -> None:
    options = ("--name", "x", "--product", "x", "--time-zone", "UTC", "--admin", ADMINISTRATOR, "--password-stdin")
    assert bare.run("init", *options, stdin=written).stderr.startswith("Refused (input_unreadable): ")
    assert not bare.holds_anything()
    made = bare.run("vendor", "new-key", tmp_path / "v", "--kid", "acme", "--passphrase-stdin", stdin=written)
    assert (made.exit_code, made.stderr[:28]) == (1, "Refused (input_unreadable): ")
    assert not (tmp_path / "v" / "signing-key.pem").exists()


def test_c5_a_line_that_is_too_long_is_refused_whole(line: CommandLine, tmp_path: Path) -> None:
    endless = b"x" * 100_000
    made = line.run("vendor", "new-key", tmp_path / "v", "--kid", "acme", "--passphrase-stdin", stdin=endless)
    assert made.stderr.startswith("Refused (input_unreadable): ")
    assert line.run("password", ADMINISTRATOR, "--password-stdin", stdin=endless).exit_code == 1


@pytest.mark.parametrize("first", ["", "\n", "\ufeff", "\ufeff\r\n", "\r\n"], ids=ascii)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_c5_an_empty_line_is_wrong_usage(line: CommandLine, first: str, encoding: str) -> None:
    written = first.encode(encoding) if encoding == "utf-8" or first.startswith("\ufeff") else first.encode()
    assert line.run("password", ADMINISTRATOR, "--password-stdin", stdin=written).exit_code == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_c5_lists_and_keys_are_read_by_their_mark_too(line: CommandLine, encoding: str) -> None:
    rows = "login_name,administrator\r\nJürgen,\r\n山田,true\r\n"
    assert line.do("user", "import", "-", stdin=rows.encode(encoding)) == "Added: 2. There already: 0.\n"
    refused = line.run("license", "register", "-", stdin="no key at all\r\n".encode(encoding))
    assert refused.stderr.startswith("Refused (malformed): ")


def test_c5_a_password_at_the_first_line_waits_for_no_end(line: CommandLine) -> None:
    """Whoever writes it may keep the pipe open."""
    process = subprocess.Popen(
        [*COMMAND, "password", ADMINISTRATOR, "--password-stdin"],
        env={**os.environ, **line.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(b"\xff\xfe" + f"{NEW}\n".encode("utf-16-le"))
    process.stdin.flush()
    assert process.wait(timeout=PATIENCE) == 0
    process.communicate()

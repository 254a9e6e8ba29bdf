"""The demo: what it prints works as printed, and a second start finds everything again."""

from __future__ import annotations

import re
import shlex
import signal
import socket
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from application.license_keys import Keyring, LicenseKeys
from application.words.language import ENGLISH
from interface import demo
from interface.composition import compose, system_clock
from interface.settings import SettingsInvalid
from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import Server, serving


def printed(server: Server) -> str:
    return "\n".join(server.until("Ctrl-C"))


def key_in(text: str) -> str:
    """The license key as somebody would copy it, line breaks and all."""
    (found,) = re.findall(r"\n\n(eyJ[\w\n.-]+)\n\n", text)
    assert "\n" in found
    return str(found)


@pytest.mark.sqlite_alone("the demo's own file")
def test_the_demo_works_as_it_says_and_is_found_again(bare: CommandLine, tmp_path: Path) -> None:
    directory = tmp_path / "somewhere" / "demo"
    with serving({}, "demo", "--data", str(directory)) as server:
        first = printed(server)
        assert f"http://127.0.0.1:{server.port}/\n" in first
        command = re.search(r"curl (.+?)\n\n", first.replace("\\\n", " "), re.DOTALL)
        assert command
        option, header, url = shlex.split(command[1])
        name, value = header.split(": ")
        before = server.get(url.removeprefix(f"http://127.0.0.1:{server.port}"), **{name: value})
        assert (option, before[0]) == ("-H", 200)
        assert '"code":"no_license"' in before[1]
        assert server.get("/sign-in")[0] == 200
        registered = _register(bare, directory, key_in(first))
        assert registered == "admit"
        again = server.get(url.removeprefix(f"http://127.0.0.1:{server.port}"), **{name: value})
        assert '"decision":"admit"' in again[1]
        assert server.stop(signal.SIGINT) == 0
    with serving({}, "demo", "--data", str(directory)) as server:
        second = printed(server)
    port_again = second.replace(f":{server.port}/", ":PORT/")
    assert port_again == re.sub(r"(127\.0\.0\.1):\d+/", r"\1:PORT/", first)
    modes = {
        stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir() if file.is_file() and file.suffix != ".vkey"
    }
    assert modes == {0o600}
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


@pytest.mark.sqlite_alone("the demo's own file")
def test_a_japanese_demo_says_what_to_do_in_japanese_and_so_do_its_pages(tmp_path: Path) -> None:
    with serving({}, "--lang", "ja", "demo", "--data", str(tmp_path / "demo")) as server:
        assert "「ライセンスを登録」" in printed(server)
        for headers, greeting in (({}, "ログイン名"), ({"Accept-Language": "en"}, "Login name")):
            assert greeting in server.get("/sign-in", **headers)[1]
        assert server.stop(signal.SIGINT) == 0


def _register(line: CommandLine, directory: Path, key: str) -> str:
    """The decision for one of the demo's users after the key was registered."""
    line.world.on(system_clock())
    line.environment["SEATLEDGER_DATABASE"] = f"sqlite:///{directory / 'seatledger.sqlite'}"
    line.environment["SEATLEDGER_KEYRING"] = str(directory / "vendor" / "keyring.json")
    line.do("license", "register", "-", stdin=key)
    return str(line.json("check", "alice")["decision"])


def test_the_printed_password_is_the_administrators(tmp_path: Path) -> None:
    made = demo.open_demo(tmp_path / "demo")
    seatledger = compose(made.settings)
    try:
        account = seatledger.accounts.account(seatledger.installation_id, demo.ADMINISTRATOR)
        assert seatledger.credentials.verify_password(account.account_id, account.since, made.memory.password)
    finally:
        seatledger.close()
    assert made.memory.password in demo.instructions(made, "http://127.0.0.1:8000/", ENGLISH)


def test_a_year_later_the_vendor_has_sent_the_next_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = demo.open_demo(tmp_path / "demo")
    later = system_clock() + timedelta(days=400)
    monkeypatch.setattr(demo, "system_clock", lambda: later)
    found = demo.open_demo(tmp_path / "demo")
    assert (found.memory.password, found.memory.token) == (made.memory.password, made.memory.token)
    keys = LicenseKeys(Keyring.from_file(tmp_path / "demo" / "vendor" / "keyring.json"))
    assert keys.read(found.memory.license_key).license.license_period.start == later.date()


def test_a_demo_that_was_broken_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(demo, "_populate", interrupt)
        with pytest.raises(KeyboardInterrupt):
            demo.open_demo(tmp_path / "demo")
    assert list(tmp_path.iterdir()) == []
    demo.open_demo(tmp_path / "demo")


def test_an_empty_directory_is_filled_and_one_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    demo.open_demo(tmp_path / "empty")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("Dear")
    with pytest.raises(SettingsInvalid, match="demo_something_else"):
        demo.open_demo(tmp_path / "full")
    assert [file.name for file in (tmp_path / "full").iterdir()] == ["letter.txt"]


def test_a_taken_port_is_one_line_and_makes_nothing(bare: CommandLine, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = bare.run("demo", "--port", port, "--data", tmp_path / "demo")
    assert (refused.exit_code, refused.stdout) == (1, "")
    advice = f"such as --port {port + 1}, or “make run PORT={port + 1}”"
    assert refused.stderr == f"Error: Port {port} at 127.0.0.1 is in use. Give another, {advice}.\n"
    assert not (tmp_path / "demo").exists()


def test_the_demo_signs_checkpoints(tmp_path: Path) -> None:
    """It has a log key, as every installation that `init` makes."""
    made = demo.open_demo(tmp_path / "demo")
    with closing(compose(made.settings)) as seatledger:
        assert seatledger.audit.take_checkpoint(seatledger.installation_id)

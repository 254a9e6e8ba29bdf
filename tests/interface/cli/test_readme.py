"""README.md, typed as it stands: an installation, the vendor's keys, a login check, and what an auditor asks."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.examples import PASSWORD
from tests.interface.cli.processes import run, serving, typed
from tests.interface.cli.test_audit_page import ON_THE_MACHINE, an_audit
from tests.pages import ROOT, Desk, blocks

PAGE = ROOT / "README.md"


def of_page(word: str) -> str:
    """The one block that begins with a word."""
    (found,) = [block.text for block in blocks(PAGE) if block.text.startswith(word)]
    return found


@pytest.mark.sqlite_alone("what a newcomer has")
def test_a_newcomer_types_what_the_page_says(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (desk.directory / ".venv").mkdir()
    (desk.directory / ".venv" / "bin").symlink_to(desk.commands)
    setting_up, serve = of_page("make install").split(".venv/bin/seatledger serve ")
    assert serve == "--port 8000\n"
    _, setting_up = setting_up.split("\n", maxsplit=1)
    shown = typed(
        ["bash", "-euc", f"cd {desk.directory}\n{setting_up}\nenv | grep ^SEATLEDGER_"],
        desk.environment,
        [("Password: ", PASSWORD), ("Once more: ", PASSWORD)],
    )
    settings = dict(re.findall(r"^(SEATLEDGER_\w+)=([^\r\n]+)", shown, re.MULTILINE))
    assert len(settings) == 3

    keys = re.findall(r"^eyJ.+$", desk.run(of_page("seatledger vendor")), re.MULTILINE)
    assert len(keys) == 2
    shutil.copy(desk.directory / "keys" / "keyring.json", settings["SEATLEDGER_KEYRING"])
    for key in keys:
        desk.run(f"seatledger license register {key}", **settings)
    token = desk.run("seatledger token create gateway --scope login-check", **settings).strip()

    asking, shown = of_page("$ curl").removeprefix("$ ").splitlines()
    with serving(settings, "serve", "--workers", "1") as server:
        server.until("Seatledger is ready")
        answer = json.loads(desk.run(asking.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}"), TOKEN=token))
    assert list(answer)[:4] == re.findall(r'"(\w+)":', shown)
    assert answer == json.loads(run(settings, "check", "alice", "--json").stdout)


@pytest.mark.seldom_on_postgresql("the commands of docs/audit.md once more")
def test_an_auditor_types_what_the_page_says(tmp_path: Path) -> None:
    with an_audit(tmp_path) as audit:
        (audit.desk / "kept.txt").write_text(audit.world.checkpoint())
        shutil.copy(audit.vkey_file, audit.desk / "log.vkey")
        shown = audit.run(f"{ON_THE_MACHINE}{of_page('seatledger audit')}")
    assert "Nothing is wrong." in shown
    assert "alice: admit (ok)" in shown


def test_every_block_of_the_page_is_typed() -> None:
    commands = [block.text for block in blocks(PAGE) if block.text.startswith(("make", "seatledger", "$ "))]
    assert commands[0].startswith("make run"), "it serves for ever, as tests/interface/cli/test_demo.py has it"
    assert commands[1:] == [
        of_page(word) for word in ("make install", "seatledger vendor", "$ curl", "seatledger audit")
    ]

"""Every line of docs/operations.md, as it stands, as root, on a bare machine: what it promises is so then (W-11)."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples import KEYRING
from tests.interface.cli.conftest import PASSWORD
from tests.interface.cli.test_proxy import HOST, make_certificate
from tests.operations.machine import Machine, Prefix, bare_machine, is_permitted
from tests.operations.page import Page, read_page

ROOT = Path(__file__).parents[2]

NOT_RUN = {
    "The program": "installs packages of the operating system",
    "The service": "the journal is systemd's",
    "Moving into another database": "needs a PostgreSQL server; tests/interface/cli/test_move.py moves between both",
    "In containers": "needs Docker; tests/operations/test_deploy.py checks the files and runs the image's command",
}
"""The blocks that nobody runs, by their heading, each with the reason that stands in the page."""

TYPED = [("Password: ", PASSWORD), ("Once more: ", PASSWORD)]


@pytest.fixture
def page() -> Page:
    return read_page()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    if not is_permitted():
        pytest.skip("LOUD: no namespaces here (unshare, mount); only the test under a prefix runs docs/operations.md")
    root = tmp_path / "machine"
    root.mkdir()
    with bare_machine(root) as machine:
        give_keyring(machine)
        certificate, key = make_certificate(tmp_path)
        certificate.rename(root / f"etc/ssl/{HOST}.pem")
        key.rename(root / f"etc/ssl/{HOST}.key")
        yield machine
    shutil.rmtree(root)  # it takes 300 MB, which pytest would keep for three runs


def give_keyring(machine: Machine) -> None:
    machine.at("/root/seatledger/keyring.json").write_text(json.dumps(KEYRING.to_jwk_set()))


def test_the_blocks_that_are_not_run_are_these(page: Page) -> None:
    assert {block.heading: block.why_not for block in page.blocks if block.why_not} == NOT_RUN


def test_every_line_of_the_page_does_what_it_says(machine: Machine, page: Page) -> None:
    def run(heading: str, *dialogue: tuple[str, str], number: int | None = None) -> str:
        blocks = page.under(heading)
        chosen = blocks if number is None else [blocks[number]]
        return "".join(machine.sh(block.text, dialogue) for block in chosen)

    def decision(name: str) -> str:
        return str(json.loads(machine.sh(f"seatledger check {name} --json"))["code"])

    for heading in ("User and directories", "The program", "Settings and secrets", "The command"):
        run(heading)
    run("The installation", *TYPED)
    run("The service")
    assert_as_the_table_says(machine, page)
    said = run("What to watch")
    verdicts = re.findall(r"^SEATLEDGER CRITICAL|exit status \d", said, re.MULTILINE)
    assert verdicts == ["SEATLEDGER CRITICAL", "exit status 2"], said

    run("The proxy")
    assert "Register License" in signed_in(machine)

    assert run("Backup").count("/var/backups/seatledger/seatledger-") >= 1
    machine.sh("seatledger user add bob")
    assert decision("bob") == "no_license"
    machine.sh("seatledger audit checkpoint")  # so that something signed is lost
    assert "after event " in run("Restore")
    assert decision("bob") == "unknown_user"
    assert_as_the_table_says(machine, page)

    machine.sh("seatledger user add carol")
    run("Upgrade")
    assert decision("carol") == "no_license"

    run("A forgotten password", *TYPED)
    assert run("Renaming and erasing people").count("erased person") == 1
    assert "carola" not in machine.sh("seatledger history --all")
    run("Changing secrets")
    assert "gateway-new" in machine.sh("seatledger token list | grep good")
    machine.sh("seatledger audit checkpoint /var/lib/seatledger/keys/now.txt")
    assert "Register License" in signed_in(machine)

    run("Moving to another machine", number=0)
    machine.sh("rm -r /etc/seatledger /var/lib/seatledger /var/backups/seatledger; userdel seatledger")
    run("User and directories")
    run("Moving to another machine", number=1)
    run("The service")
    assert decision("carol") == "no_license"
    assert_as_the_table_says(machine, page)
    machine.sh("systemctl stop seatledger")
    assert not list(machine.at("/var/lib/seatledger").glob("*-wal"))

    assert [block.heading for block in page.waiting] == []


def test_systemd_accepts_the_units(machine: Machine, page: Page) -> None:
    for heading in ("User and directories", "Settings and secrets"):
        for block in page.under(heading):
            machine.sh(block.text)
    program = machine.at("/opt/seatledger/venv/bin/seatledger")
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for block in [*page.under("The service"), *page.under("Backup")]:
        for text in block.text.split("cat > ")[1:]:
            machine.sh("cat > " + text.split("\nEOF\n")[0] + "\nEOF\n")
    analyze = "/usr/bin/systemd-analyze"
    if not Path(analyze).exists():
        pytest.skip(f"LOUD: {analyze} is not here; the units' ExecStart is run all the same, by the test above")
    units = sorted(path.name for path in machine.at("/etc/systemd/system").iterdir() if path.is_file())
    assert units == ["seatledger-backup.service", "seatledger-backup.timer", "seatledger.service"]
    for unit in units:
        said = machine.sh(f"{analyze} verify --recursive-errors=no /etc/systemd/system/{unit}")
        assert said == "", said


def test_the_page_works_under_a_prefix_where_no_machine_can_be_made(tmp_path: Path, page: Page) -> None:
    """All but users, proxy and the move to another machine."""
    if is_permitted():
        pytest.skip("the test of every line has run on a machine of its own, which shows more")
    machine = Prefix(tmp_path)
    give_keyring(machine)
    asking = {"The installation", "A forgotten password"}
    for block in page.waiting:
        if block.heading not in ("The proxy", "Moving to another machine"):
            machine.sh(block.text, TYPED if block.heading in asking else ())
    machine.sh("seatledger user add bob")
    assert json.loads(machine.sh("seatledger check bob --json"))["code"] == "no_license"
    machine.sh("systemctl stop seatledger")
    for path, _, _, mode in page.files:
        assert machine.at(path).stat().st_mode & 0o7777 == mode, path
    shutil.rmtree(tmp_path)


def assert_as_the_table_says(machine: Machine, page: Page) -> None:
    """Owner, group and mode of every path; and nothing of Seatledger's that others can read."""
    names = passwords(machine)
    files = page.files
    assert len(files) == 14
    for path, owner, group, mode in files:
        info = machine.at(path).stat()
        said = (names["passwd"][info.st_uid], names["group"][info.st_gid], info.st_mode & 0o7777)
        assert said == (owner, group, mode), path


def passwords(machine: Machine) -> dict[str, dict[int, str]]:
    """The machine's users and groups, by number."""
    return {
        name: {
            int(line.split(":")[2]): line.split(":")[0]
            for line in machine.at(f"/etc/{name}").read_text().splitlines()
            if line.strip()
        }
        for name in ("passwd", "group")
    }


SIGN_IN = """
import re, sys
from pathlib import Path
from tests.interface.cli.test_proxy import Browser
browser = Browser(443, Path(sys.argv[1]))
status, page = browser.get("/sign-in?next=/license")
token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
assert browser.post("/sign-in", csrf_token=token, login_name="alice", password=sys.argv[2], next="/license")[0] == 303
print(browser.get("/license")[1])
"""
"""A person at a browser on the machine's own network, who comes through nginx on port 443."""


def signed_in(machine: Machine) -> str:
    target, certificate = machine.environment["NETWORK_OF"], machine.at(f"/etc/ssl/{HOST}.pem")
    return subprocess.run(
        ["nsenter", "--net", "--target", target, sys.executable, "-c", SIGN_IN, certificate, PASSWORD],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout

"""What a release ships: a wheel that holds the license's text, says which it is, and runs where it is installed."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from email.parser import BytesParser
from html import unescape
from importlib.metadata import version
from pathlib import Path

from tests.interface.cli.processes import serving
from tests.wheels import ROOT, own_wheel

APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
"""SHA-256 of https://www.apache.org/licenses/LICENSE-2.0.txt."""


def test_the_license_is_the_apache_license_to_the_letter() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2


def test_the_wheel_says_its_license_and_holds_its_text(tmp_path: Path) -> None:
    with zipfile.ZipFile(own_wheel(tmp_path)) as wheel:
        (info,) = {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" in name}
        assert wheel.read(f"{info}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
        metadata = BytesParser().parsebytes(wheel.read(f"{info}/METADATA"))
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["License-File"] == "LICENSE"


def test_the_wheel_holds_both_verifiers(tmp_path: Path) -> None:
    """The browser's page is a link in the tree, to the one that docs/ has; whoever installs gets the page itself."""
    with zipfile.ZipFile(own_wheel(tmp_path)) as wheel:
        assert wheel.read("application/proof/verify.html") == (ROOT / "docs" / "verify.html").read_bytes()
        assert "application/proof/verify_export.py" in wheel.namelist()


def test_the_wheel_runs_outside_the_checkout(tmp_path: Path) -> None:
    """As `pipx install` does it: an environment of its own, whose other packages are those that are installed here."""
    venv.create(tmp_path / "venv", with_pip=False)
    (site,) = (tmp_path / "venv").glob("lib/python3.*/site-packages")
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(tmp_path / "venv")]
    subprocess.run([*pip, "install", "--no-index", "--no-deps", str(own_wheel(tmp_path))], check=True)
    (site / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n")  # without what its own .pth files name
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    program = tmp_path / "venv" / "bin" / "seatledger"
    environment = {"PATH": os.environ["PATH"], "HOME": str(elsewhere), "PYTHONPATH": ""}

    def said(*arguments: str, program: Path = program) -> str:
        return subprocess.run(
            [program, *arguments], cwd=elsewhere, env=environment, check=True, capture_output=True, text=True
        ).stdout

    assert said("--version") == f"seatledger, version {version('seatledger')}\n"
    assert "_SEATLEDGER_COMPLETE" in said("completion", "bash")
    said("audit", "verifier", "verify.html")
    assert (elsewhere / "verify.html").read_bytes() == (ROOT / "docs" / "verify.html").read_bytes()
    imported = said("-c", "import application; print(application.__file__)", program=program.with_name("python"))
    assert Path(imported.strip()).is_relative_to(site)
    with serving(environment, "demo", cwd=elsewhere, command=[str(program)]) as server:
        server.until("Seatledger's demo is ready")
        status, page = server.get("/sign-in")
        assert status == 200
        for path in re.findall(r'(?:href|src)="(/[^"]+)"', page):
            assert server.get(unescape(path))[0] in (200, 303), path

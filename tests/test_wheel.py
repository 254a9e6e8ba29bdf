"""What a release ships: the wheel holds the license's text, and says which license it is."""

from __future__ import annotations

import hashlib
import zipfile
from email.parser import BytesParser
from pathlib import Path

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

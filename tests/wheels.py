"""Wheels made on the machine itself: Seatledger's own, and those of the packages that are installed here."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]


def own_wheel(directory: Path) -> Path:
    """Seatledger's wheel, built by the locked hatchling, as a release builds it."""
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", directory, ROOT],
        check=True,
    )
    (wheel,) = directory.glob("seatledger-*.whl")
    return wheel


def locked_wheels(directory: Path) -> str:
    """A wheel of every package that requirements.txt locks, and a requirements.txt with the hashes of these wheels.

    They are made from what is installed here, so that no test needs a network.
    """
    lines = []
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if locked := re.match(r"([A-Za-z0-9._-]+)==([^ ]+)", line):
            try:
                wheel = installed_wheel(distribution(locked[1]), directory)
            except PackageNotFoundError:  # locked for another platform
                continue
            digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
            lines.append(f"{locked[1]}=={locked[2]} --hash=sha256:{digest}\n")
    return "".join(lines)


def installed_wheel(package: Distribution, directory: Path) -> Path:
    """The wheel from which a package may have been installed; without the commands that pip makes of it."""
    files = [file for file in package.files or [] if ".." not in file.parts and file.suffix != ".pyc"]
    (info,) = {file.parts[0] for file in files if file.name == "WHEEL" and file.parts[0].endswith(".dist-info")}
    tags = re.findall(r"^Tag: (.+)$", package.read_text("WHEEL") or "", re.MULTILINE)
    tag = "-".join(".".join(dict.fromkeys(parts)) for parts in zip(*(tag.split("-") for tag in tags), strict=True))
    wheel = directory / f"{info.removesuffix('.dist-info')}-{tag}.whl"
    kept = [file for file in files if file.name not in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")]
    record = []
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_STORED) as archive:
        for file in kept:
            content = Path(str(file.locate())).read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f'"{file}",sha256={digest},{len(content)}\n')
            archive.writestr(str(file), content)
        archive.writestr(f"{info}/RECORD", "".join([*record, f"{info}/RECORD,,\n"]))
    return wheel

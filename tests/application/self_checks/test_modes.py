"""S-12: what others can write stops `serve`, what others can read is warned of, as ssh does it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from application.self_checks.modes import OwnFiles, of_modes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A private file in a private directory."""
    directory = tmp_path / "etc"
    directory.mkdir(mode=0o700)
    path = directory / "secret.key"
    path.touch(mode=0o600)
    return path


def codes(*secret: Path, public: tuple[Path, ...] = ()) -> list[str]:
    return [finding.code for finding in of_modes(OwnFiles(secret, public))]


def test_a_private_file_in_a_private_directory_is_right(file: Path) -> None:
    assert codes(file) == []


@pytest.mark.parametrize(("mode", "expected"), [(0o644, 1), (0o640, 1), (0o604, 1), (0o600, 0), (0o400, 0), (0o711, 0)])
def test_a_secret_that_others_can_read(file: Path, mode: int, expected: int) -> None:
    file.chmod(mode)
    assert codes(file) == ["others_can_read"] * expected
    assert codes(public=(file,)) == []


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o622])
def test_a_file_that_others_can_write(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert codes(file) == ["others_can_write"]
    (finding,) = of_modes(OwnFiles((), (file,)))
    assert finding.facts == {"path": str(file), "mend": str(file)}


@pytest.mark.parametrize(("mode", "expected"), [(0o777, 1), (0o770, 1), (0o707, 1), (0o1777, 0), (0o755, 0)])
def test_a_directory_in_which_others_can_replace_it(file: Path, mode: int, expected: int) -> None:
    """With the sticky bit, as in /tmp, nobody can."""
    file.parent.chmod(mode)
    findings = list(of_modes(OwnFiles((file,))))
    assert [(finding.code, finding.facts["mend"]) for finding in findings] == [
        ("others_can_write", str(file.parent))
    ] * expected


def test_a_link_is_followed_to_where_the_file_truly_stands(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    assert codes(link) == []
    file.parent.chmod(0o777)
    assert codes(link) == ["others_can_write"]


def test_a_file_that_is_not_there_has_no_mode(tmp_path: Path) -> None:
    assert codes(tmp_path / "nothing", public=(tmp_path / "no" / "where",)) == []

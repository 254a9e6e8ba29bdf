"""Files written by hand: private from the first byte, and whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from application.files import PUBLIC, FileExists, made_once, new_private, replaced, writing_new, writing_whole

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


def test_a_new_file_is_never_written_over_one_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    new_private(path, b"first")
    with pytest.raises(FileExistsError):
        new_private(path, b"second")
    assert path.read_bytes() == b"first"


@posix
def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        new_private(tmp_path / "new", b"")
        replaced(tmp_path / "private", b"")
        replaced(tmp_path / "public", b"", PUBLIC)
    finally:
        os.umask(before)
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "new": 0o600,
        "private": 0o600,
        "public": 0o644,
    }


def test_a_new_file_that_cannot_be_finished_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        new_private(tmp_path / "secret", b"content")
    assert list(tmp_path.iterdir()) == []


def test_what_is_broken_off_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "export"
    replaced(path, b"before")

    def interrupted() -> None:
        with writing_whole(path) as stream:
            stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("export", b"before")]


@posix
def test_what_is_kept_is_new_whole_and_of_its_mode(tmp_path: Path) -> None:
    with writing_new(tmp_path / "private") as stream:
        stream.write(b"content")
        assert not (tmp_path / "private").exists(), "not before it is whole"
    with writing_new(tmp_path / "public", PUBLIC) as stream:
        stream.write(b"content")
    written = {path.name: (path.read_bytes(), path.stat().st_mode & 0o777) for path in tmp_path.iterdir()}
    assert written == {"private": (b"content", 0o600), "public": (b"content", 0o644)}


@pytest.mark.parametrize("has_links", [True, False])
def test_of_two_who_write_one_name_at_once_the_second_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    """Also on a file system without links, such as that of a stick."""

    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "export"

    def race() -> None:
        with writing_new(path) as second:
            second.write(b"second")
            with writing_new(path) as first:
                first.write(b"first")

    with pytest.raises(FileExists):
        race()
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("export", b"first")]


def test_what_is_broken_off_leaves_no_name_taken(tmp_path: Path) -> None:
    def interrupted() -> None:
        with writing_new(tmp_path / "export") as stream:
            stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a file away")
def test_what_root_replaces_belongs_to_whom_it_did_or_else_to_whom_the_directory_does(tmp_path: Path) -> None:
    """A command given as root must not lock the server out of what it signed, or of whom it erased."""
    os.chown(tmp_path, 65534, 65534)
    path = tmp_path / "log-key.pem.signed"
    replaced(path, b"by root, for the first time")
    assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)
    os.chown(path, 65533, 65533)
    replaced(path, b"by root again")
    assert (path.stat().st_uid, path.stat().st_gid, path.stat().st_mode & 0o777) == (65533, 65533, 0o600)
    assert path.read_bytes() == b"by root again"
    made_once(tmp_path / "name-pepper", b"once")
    assert (tmp_path / "name-pepper").stat().st_uid == 65534


def test_what_is_made_once_is_whole_or_not_there_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "name-pepper"
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="power cut"):
            made_once(path, b"first")
    assert list(tmp_path.iterdir()) == []
    for content in (b"second", b"third"):
        made_once(path, content)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"second", 0o600)


def fail(_descriptor: int) -> None:
    raise OSError("power cut")

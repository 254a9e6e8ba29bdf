"""The modes of the files that a decision rests on: who else can write them, and who else can read the secret ones."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from application.permissions import OTHERS_WRITE
from application.self_checks.finding import Finding, alarm, warning

OTHERS_READ = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True)
class OwnFiles:
    """Where the files are; one that is not named, or not there, has no mode.

    Everybody may read the keyring: it holds public keys. Nobody but the owner reads the others.
    """

    secret: tuple[Path, ...]
    public: tuple[Path, ...] = ()


def of_modes(files: OwnFiles) -> Iterator[Finding]:
    """What others can write or read, as ssh asks it of its keys. Nothing where files have no modes (Windows)."""
    if os.name != "posix":
        return
    for path in (*files.secret, *files.public):
        writable = next(filter(_others_write, (path, *_directories(path))), None)
        if writable is not None:
            yield alarm("others_can_write", "files", path=str(path), mend=str(writable))
    for path in files.secret:
        if _mode(path) & OTHERS_READ:
            yield warning("others_can_read", "files", path=str(path))


def _directories(path: Path) -> list[Path]:
    """Where the file stands, and where it stands truly: whoever can write there can put another in its place."""
    if not path.exists():
        return []
    return list(dict.fromkeys((path.absolute().parent, path.resolve().parent)))


def _others_write(path: Path) -> bool:
    """In a directory with the sticky bit, such as /tmp, nobody can replace what is another's."""
    mode = _mode(path)
    return bool(mode & OTHERS_WRITE) and not (stat.S_ISDIR(mode) and mode & stat.S_ISVTX)


def _mode(path: Path) -> int:
    """The mode of what stands there; 0 if nothing does, or if it cannot be asked."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0

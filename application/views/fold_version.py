"""By what a snapshot is known to be of this program's own fold: the sources of all that makes a view of events."""

from __future__ import annotations

import sys
from functools import cache
from hashlib import sha256
from pathlib import Path

import application.log.mapper
import application.log.sealing
import application.views
import domain

LIBRARIES = ("eventsourcing", "orjson", "rpds-py")


@cache
def fold_version() -> bytes:
    """32 bytes; another one whenever a source, Python or a library is another one. Raises OSError without sources."""
    from importlib.metadata import version  # its import takes longer than many a command's answer

    modules = Path(str(application.log.mapper.__file__)), Path(str(application.log.sealing.__file__))
    packages = Path(str(domain.__file__)).parent, Path(str(application.views.__file__)).parent
    sources = [*modules, *(source for package in packages for source in sorted(package.glob("*.py")))]
    hashed = sha256(repr((sys.version, [version(name) for name in LIBRARIES])).encode())
    for source in sources:
        hashed.update(sha256(source.read_bytes()).digest())
    return hashed.digest()

"""By what a snapshot is known to be of this program's own fold: the sources of all that may have a part in it."""

from __future__ import annotations

import sys
from functools import cache
from hashlib import sha256
from pathlib import Path

import application
import domain

LIBRARIES = ("eventsourcing", "orjson", "rpds-py")


@cache
def fold_version() -> bytes:
    """32 bytes; another one whenever a source of the two packages, Python or a library is another one.

    Of all sources, words too: whoever picked those of the fold would forget one some day. Raises OSError where there
    are none.
    """
    from importlib.metadata import version  # its import takes longer than many a command's answer

    hashed = sha256(repr((sys.version, [version(name) for name in LIBRARIES])).encode())
    for package in (domain, application):
        root = Path(str(package.__file__)).parent
        for source in sorted(root.rglob("*.py")):
            hashed.update(f"{source.relative_to(root)}\n".encode() + sha256(source.read_bytes()).digest())
    return hashed.digest()

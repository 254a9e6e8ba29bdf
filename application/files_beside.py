"""The files beside a database that its backups take along: what the signer remembers, who was erased, secrets if asked.

They have names of their own in a backup: on another machine they lie elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from application.erasing import ErasedList
from application.files import made_once, read_small
from application.signer_memory import SignerMemory

SIGNED, ERASED = "log-key.signed", "erased-people"

SECRETS = ("secret-key", "log-key", "name-pepper")

MOST = 1 << 26
"""The most bytes of such a file; the list of erased people grows with them."""


class PutBack(NamedTuple):
    """What became of the files in a backup: those that were missing and are there now, and those that stayed."""

    new: tuple[Path, ...]
    others: tuple[Path, ...]
    """They hold something else than the backup; whoever wants the backup's moves them away first."""


@dataclass(frozen=True)
class FilesBeside:
    """Where the files of an installation lie."""

    memory: SignerMemory
    erased: ErasedList
    secrets: Mapping[str, Path]
    """By the names in SECRETS, as far as the settings name them."""

    def read(self, *, with_secrets: bool) -> dict[str, bytes]:
        """What they hold, by their names in a backup; one that is not there is left out. Raises OSError."""
        paths = {SIGNED: self.memory.path, ERASED: self.erased.path, **(self.secrets if with_secrets else {})}
        return {name: read_small(path, MOST) for name, path in paths.items() if path.exists()}

    def put_back(self, contents: Mapping[str, bytes]) -> PutBack:
        """Lay down what is missing, for its owner alone. What is there stays: it may know of more than the backup.

        Whom the backup knows as erased is added to the list that is there. Raises OSError, ErasedListUnusable.
        """
        if ERASED in contents:
            self.erased.add_listed(contents[ERASED])
        new, others = [], []
        for name, path in {SIGNED: self.memory.path, **self.secrets}.items():
            if name not in contents:
                continue
            if not path.exists():
                made_once(path, contents[name])
                new.append(path)
            elif name in SECRETS and read_small(path, MOST) != contents[name]:
                others.append(path)
        return PutBack(tuple(new), tuple(others))

"""Files that belong to somebody else: which one keeps this process out, whose it is, and who is kept out."""

from __future__ import annotations

import os
from pathlib import Path

from domain.refusals import Problem

OTHERS_WRITE = 0o022
"""Somebody else than the owner may write: the group, or everybody."""


def is_there(path: Path) -> bool:
    """Whether something is there, or may be: who may not look is told so by whatever is done next."""
    try:
        return path.exists()
    except PermissionError:
        return True


def barrier(path: Path, *, writing: bool = False) -> Problem | None:
    """The file or directory that this process lacks a permission for in order to read `path`; None if it lacks none.

    For `writing` also in order to write it, and to make files beside it, as everything here does that writes.
    """
    if os.name != "posix":  # elsewhere a mode says nothing
        return None
    needed = [(place, os.X_OK) for place in reversed(path.absolute().parents)]
    needed.append((path, os.R_OK | os.W_OK if writing else os.R_OK))
    if writing:
        needed.append((path.absolute().parent, os.W_OK | os.X_OK))
    for place, access in needed:
        if place.exists() and not os.access(place, access, effective_ids=True):
            mode = f"{place.stat().st_mode & 0o7777:04o}"
            user = user_name(os.geteuid())
            return Problem("no_permission", path=str(place), owner=owner_of(place), mode=mode, user=user)
    return None


def owner_of(path: Path) -> str:
    return user_name(path.stat().st_uid)


def user_name(uid: int) -> str:
    """The name of a user of the operating system; a container's often has none."""
    import pwd  # only POSIX has it

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"

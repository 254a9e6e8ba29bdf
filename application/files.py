"""Files by hand: ordinary ones alone are read; new ones are private, whole or not there; or replaced whole."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

from application.permissions import barrier
from domain.refusals import Problem, Refused

PRIVATE = 0o600
"""For the owner alone."""

PUBLIC = 0o644
"""For everybody to read, such as public keys."""


MAX_SMALL = 1 << 20
"""The most bytes of a file that is read as a whole: a key, a keyring, a checkpoint."""


class FileUnfit(OSError):
    """A file is not read: it is a device, a pipe or a directory, or larger than it can be; the problem says which."""

    def __init__(self, path: Path, problem: Problem) -> None:
        super().__init__(str(path))
        self.filename, self.problem = str(path), problem


class FileExists(Refused):
    """Something is there already under the name of a file that is written for keeping; nothing was written over it."""

    code = "file_exists"


def read_small(path: Path, most: int = MAX_SMALL) -> bytes:
    """What stands in an ordinary file of at most `most` bytes. Raises OSError, FileUnfit among them.

    It is opened without waiting: a pipe that nobody writes into would hold us for ever, and a device may never end.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileUnfit(path, Problem("file_not_ordinary"))
        content = file.read(most + 1)
    if len(content) > most:
        raise FileUnfit(path, Problem("file_too_large", most=most))
    return content


def problem_of(error: OSError) -> Problem:
    """What is wrong with a file that cannot be read or written: our own word for it, else the system's."""
    if isinstance(error, FileUnfit):
        return error.problem
    return Problem("system_says", reason=error.strerror) if error.strerror else Problem("cannot_be_read")


def reason_of(error: OSError, path: Path, *, writing: bool = False) -> Problem:
    """Why a file cannot be read, or written: whose permission is missing, else what is wrong with it."""
    return barrier(path, writing=writing) or problem_of(error)


def new_private(path: Path, content: bytes = b"") -> None:
    """Make a new file for its owner alone, never over one that is there; it is on the disk when this returns.

    Raises OSError (FileExistsError if something is there), and then leaves nothing half-written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def replaced(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Write `path` anew with this mode, whole or not at all. Raises OSError.

    What root writes belongs to whom the file did, else to whom its directory does: the server must read it afterwards.
    """
    with writing_whole(path, mode) as stream:
        stream.write(content)
        _give_to_owner(stream, path)


def made_once(path: Path, content: bytes) -> None:
    """Make a private file unless it is there, whole or not at all. Whose it is, and what it raises: as `replaced`."""
    with suppress(FileExists), writing_new(path) as stream:
        stream.write(content)
        _give_to_owner(stream, path)


def _give_to_owner(stream: BinaryIO, path: Path) -> None:
    """Let what root writes belong to whom `path` does, or the directory."""
    if os.name == "posix" and os.geteuid() == 0:
        owner = (path if path.exists() else path.parent).stat()
        with suppress(OSError):  # some file systems and namespaces cannot give a file away
            os.fchown(stream.fileno(), owner.st_uid, owner.st_gid)


@contextmanager
def writing_whole(path: Path, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """A stream whose file takes the place of `path` once all of it is on the disk.

    Until then `path` is what it was, and so it stays if the block raises. Raises OSError.
    """
    # Made with 0600, so that nobody can open it before it has its own mode.
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as stream:
        part = Path(stream.name)
        try:
            yield cast(BinaryIO, stream)  # typeshed gives a wrapper, which is no BinaryIO though it acts as one
            stream.flush()
            os.fsync(stream.fileno())
            stream.close()
            part.chmod(mode)
            part.replace(path)
            _settle_name(path)
        finally:
            with suppress(OSError):
                stream.close()
            part.unlink(missing_ok=True)


def _settle_name(path: Path) -> None:
    """Let the disk know that the name belongs to the new file: after a power cut it would else be the old one.

    Not every file system can; what is written is written all the same.
    """
    if os.name != "posix":
        return
    with suppress(OSError):
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def ask_new(path: Path) -> None:
    """Look whether the name is free, a link that leads nowhere included. Raises FileExists."""
    if os.path.lexists(path):
        raise FileExists(file=str(path))


@contextmanager
def writing_new(path: Path, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """A stream whose file is there under a name that nothing had, once all of it is on the disk; else nothing is.

    Of two who write the same name at once, one is refused. Raises FileExists, OSError.
    """
    ask_new(path)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as stream:
        part = Path(stream.name)
        try:
            yield cast(BinaryIO, stream)  # as in writing_whole
            stream.flush()
            os.fsync(stream.fileno())
            stream.close()
            part.chmod(mode)
            _give_name(part, path)
        finally:
            with suppress(OSError):
                stream.close()
            part.unlink(missing_ok=True)


def _give_name(part: Path, path: Path) -> None:
    """Let `part` be `path`, in one step that never replaces anything. Raises FileExists, OSError."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise FileExists(file=str(path)) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        try:  # the name first, then the content in its place: two steps, but nobody else can come between
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
        except FileExistsError:
            raise FileExists(file=str(path)) from None
        part.replace(path)


_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""What a file system says that has no links, such as FAT on a stick."""

"""The three streams of a command: there, whatever whoever started it closed, and given up in one sentence."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from interface.cli.output import say

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STANDARD_ERROR = 2


class Output(io.BufferedIOBase):
    """The bytes of an output stream, which remembers that one could not be written.

    By this an error of the output is told from any other OSError, which is a bug and stays a traceback.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream  # kept, since it closes the file when nobody does
        # Without buffering (PYTHONUNBUFFERED) it is the file itself, which may take a part of what it is given.
        buffer = stream.buffer
        self._buffer = io.BufferedWriter(buffer) if isinstance(buffer, io.RawIOBase) else buffer
        self.has_failed = False

    @property
    def name(self) -> str:
        return str(self._stream.name)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._buffer.isatty()

    def fileno(self) -> int:
        return self._buffer.fileno()

    def write(self, data: ReadableBuffer, /) -> int:
        octets = bytes(data)
        try:
            self._buffer.write(octets)
        except OSError:
            self.has_failed = True
            raise
        return len(octets)

    def flush(self) -> None:
        try:
            self._buffer.flush()
        except OSError:
            self.has_failed = True
            raise


def prepare() -> None:
    """Make the streams such that a command can rely on them.

    A character that the console's encoding lacks is escaped, as JSON would: no output fails for one.
    """
    _open_closed_ones()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            setattr(sys, name, _watched(stream))


def has_failed() -> bool:
    """Whether something could not be written to standard output or standard error."""
    outputs = (stream.buffer for stream in (sys.stdout, sys.stderr) if isinstance(stream, io.TextIOWrapper))
    return any(isinstance(output, Output) and output.has_failed for output in outputs)


def give_up(error: OSError) -> None:
    """Say why the output ends here, and let go of what could not be written, so that Python's end does not try again.

    Nothing is said of a closed pipe, whose reader has seen enough.
    """
    with suppress(OSError):
        if not isinstance(error, BrokenPipeError):
            say(
                "Error: The output cannot be written: {reason}. What the command changed stays changed.",
                err=True,
                reason=error.strerror or str(error),
            )
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())


def _open_closed_ones() -> None:
    """Give a command that was started with a closed stream (`>&-`) one that can be neither read nor written.

    Else the next file that is opened, such as the database, would be that stream.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (STANDARD_ERROR, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is this one. What is written to standard error is lost, and nobody can be told.
            os.open(os.devnull, os.O_WRONLY if number == STANDARD_ERROR else os.O_RDONLY)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def _watched(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    """The same stream, on top of an Output."""
    return io.TextIOWrapper(
        Output(stream),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=True,
    )

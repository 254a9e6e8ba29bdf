"""Whatever stands where an export should be gives a finding: never an exception, never much memory."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from application.proof.export import ExportWriter
from application.proof.verify_export import MAX_LINE, leaf, verify
from tests.proof_examples import (
    EXPORT,
    INSTALLATION,
    JWK_SET,
    VKEY,
    a_log,
    a_state,
    an_id,
    finding,
    lines_of,
    seeded,
    verified,
)

# Nonsense.


class Endless(io.RawIOBase):
    """A stream that repeats a line for ever and counts what is read."""

    def __init__(self, start: bytes, line: bytes) -> None:
        self.rest, self.line, self.taken = start, line, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while len(self.rest) < len(buffer):
            self.rest += self.line
        buffer[:] = self.rest[: len(buffer)]
        self.rest = self.rest[len(buffer) :]
        self.taken += len(buffer)
        return len(buffer)


@pytest.mark.parametrize("line", [b"\0" * 4096, b"nonsense\n", b'{"position":1,', b"[" * 4096], ids=str)
@pytest.mark.parametrize("start", [b"", lines_of(EXPORT)[0]], ids=["alone", "behind a header"])
def test_endless_nonsense_gives_a_finding_after_at_most_a_few_megabytes(start: bytes, line: bytes) -> None:
    stream = Endless(start, line)
    report = verify(io.BufferedReader(stream))
    assert report.finding is not None
    assert stream.taken <= 4 * MAX_LINE


@pytest.mark.parametrize(
    "export",
    [
        b"", b"\n", b"\0", b"{}\n", b"[]\n", b"null\n", b'"a"\n', b"1\n", b"1e400\n", b"9" * 9999 + b"\n",
        b"\x1f\x8b\x08\x00", b"[" * 100_000 + b"\n", EXPORT.decode().encode("utf-16"), b"\xef\xbb\xbf" + EXPORT,
        b'{"format":"seatledger-audit-export"}\n', b'{"format":"seatledger-audit-export","version":1}\n',
        b'{"format":"seatledger-audit-export","version":true}\n',
        b'{"format":"seatledger-audit-export","version":1.0}\n',
        b'{"format":"seatledger-audit-export","version":"' + b"1" * 9999 + b'"}\n',
        EXPORT.replace(b'"log_keys":["', b'"log_keys":[1,"'), EXPORT.replace(b'"log_keys":[', b'"log_keys":{}, "x":['),
        EXPORT.replace(b'"keyring":{', b'"keyring":[], "x":{'), EXPORT.replace(b'"origin"', b'"version":1,"origin"'),
        EXPORT.replace(b"\n", b"\r\n"), EXPORT.replace(b'{"end"', b'{"end":{},"end"'),
        EXPORT.replace(b'"state":{"edition"', b'"state":{"a":1.5,"edition"'),
        EXPORT.replace(b'"events":20', b'"events":true'), EXPORT.replace(b'"checkpoints":3', b'"checkpoints":[]'),
        EXPORT.replace(b'{"checkpoint":"seat', b'{"checkpoint":"\\ud800seat'),
        EXPORT.replace(b'{"checkpoint":"seat', b'{"checkpoint":"\\u001b[31mseat'),
        EXPORT.replace(b'{"checkpoint":"', b'{"checkpoint":{"a":"').replace(b'\\n"}\n', b'\\n"}}\n'),
    ],
    ids=lambda export: repr(export[:60]),
)  # fmt: skip
def test_nonsense_gives_a_finding_that_can_be_printed(export: bytes) -> None:
    report = verified(export)
    assert report.finding is not None
    text = "\n".join(report.lines())
    assert len(text) < 2_000
    assert text.replace("\n", "").isprintable()
    assert json.loads(report.as_json())["result"] == "finding"


def test_nested_and_random_lines_never_raise() -> None:
    chance, lines = seeded(7), lines_of(EXPORT)
    for _ in range(500):
        at = chance.randrange(len(lines))
        noise = bytes(chance.choices(b'{}[]":,\\u0019e.-\n\xff positnalefck', k=chance.randrange(200)))
        cut = chance.randrange(len(lines[at]) + 1)
        assert finding(b"".join([*lines[:at], lines[at][:cut] + noise + b"\n" + lines[at][cut:], *lines[at + 1 :]]))
    for depth in (10, 31, 32, 33, 500, 900, 990, 1_000, 5_000):
        nested = b'{"end":{"events":1,"checkpoints":1,"root":"","state":{"a":' + b"[" * depth + b"]" * depth + b"}}}\n"
        assert verified(b"".join([*lines[:-1], nested])).as_json()


def test_a_long_log_is_verified_in_bounded_memory() -> None:
    def export() -> Iterator[bytes]:
        stream = io.BytesIO()
        writer = ExportWriter(stream, INSTALLATION, log_keys=[VKEY], keyring=JWK_SET)
        log = a_log(4, registrations=())
        for position in range(1, 6_001):
            verb = "Deleted" if position % 2 else "Restored"
            again = f"seatledger:User{verb}", a_state(position, user_id=an_id("user 4"))
            topic, state = log[position - 1] if position <= 4 else again
            writer.event(INSTALLATION, position, topic, state, leaf(INSTALLATION, position, topic, state))
            yield stream.getvalue()
            stream.seek(0)
            stream.truncate()

    class Lines(io.RawIOBase):
        rest = b""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            self.rest = self.rest or next(lines, b"")
            given, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
            buffer[: len(given)] = given
            return len(given)

    lines = export()
    tracemalloc.start()
    try:
        found = verify(io.BufferedReader(Lines())).finding
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found is not None
    assert (found.code, found.position) == ("cut_short", 6_001)
    assert peak < 1 << 20

"""A second process that runs one use case for each line it is given, and says how it went."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from application.license_keys import LicenseKeys
from application.licensing import Licensing
from application.log import open_log
from domain.refusals import Refused
from tests.examples import KEYRING


def outcome(licensing: Licensing, installation_id: UUID, command: str, argument: str, by: str) -> str:
    """`done`, or the code of the refusal."""
    try:
        getattr(licensing, command)(installation_id, argument, by=by)
    except Refused as refusal:
        return refusal.code
    return "done"


class Racer:
    """The other end of the second process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, command: str, argument: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps([command, argument]) + "\n")
        self._process.stdin.flush()

    def outcome(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


@contextmanager
def a_second_process(path: str, installation_id: UUID, moment: datetime) -> Iterator[Racer]:
    arguments = [path, str(installation_id), moment.isoformat()]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.application.racer", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        racer = Racer(process)
        assert racer.outcome() == "ready"
        yield racer
        assert process.stdin
        process.stdin.close()


def main() -> None:
    path, installation_id, moment = sys.argv[1:]
    licensing = Licensing(
        open_log(f"sqlite:///{path}"), lambda: LicenseKeys(KEYRING), lambda: datetime.fromisoformat(moment)
    )
    licensing.now(UUID(installation_id))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        command, argument = json.loads(line)
        sys.stdout.write(outcome(licensing, UUID(installation_id), command, argument, "cli:second") + "\n")
        sys.stdout.flush()
    licensing.close()


if __name__ == "__main__":
    main()

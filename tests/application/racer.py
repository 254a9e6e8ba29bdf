"""A second process that runs one use case for each line it is given, and says how it went."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from domain.refusals import Refused
from interface.settings import Settings
from tests.clock import SetClock
from tests.world import BY, World


def outcome(world: World, command: str, argument: str, by: str = BY) -> str:
    """`done`, or the code of the refusal."""
    try:
        world.do(command, argument, by=by)
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
def a_second_process(world: World) -> Iterator[Racer]:
    arguments = [str(world.directory), json.dumps(world.environment), world.clock().isoformat()]
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
    directory, environment, moment = sys.argv[1:]
    settings = Settings.from_environment(json.loads(environment))
    with World(Path(directory), SetClock(datetime.fromisoformat(moment)), settings=settings) as world:
        assert world.view
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for line in sys.stdin:
            command, argument = json.loads(line)
            sys.stdout.write(outcome(world, command, argument, by="cli:second") + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()

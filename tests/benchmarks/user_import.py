"""How fast 100,000 users are imported from CSV by the real command, and how much memory that takes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

USERS = 100_000
USERS_PER_SECOND = 5_000
MEGABYTES = 600


def main() -> bool:
    """Import once in a process of its own, print a table, and give whether it was fast and small enough."""
    with tempfile.TemporaryDirectory() as directory:
        seconds, megabytes = measured(Path(directory))
    speed = USERS / seconds
    verdict = "reached" if speed >= USERS_PER_SECOND and megabytes < MEGABYTES else "missed"
    print(f"Importing {USERS:,} users from CSV: “seatledger user import”, the start of Python included")
    print(f"{'seconds':>10} {'users/s':>10} {'peak memory':>12}")
    print(f"{seconds:>10.1f} {speed:>10,.0f} {megabytes:>9,.0f} MB", end="   ")
    print(f"at least {USERS_PER_SECOND:,}/s, under {MEGABYTES} MB: {verdict}")
    return verdict == "reached"


def measured(directory: Path) -> tuple[float, float]:
    """The seconds that the command took, and the most memory (MB) that it held."""
    environment = {**os.environ, "SEATLEDGER_DATABASE": f"sqlite:///{directory / 'seatledger.sqlite'}"}
    command = [sys.executable, "-c", "from interface.cli.main import main; main()"]
    opening = ["init", "--name", "Benchmark", "--product", "benchmark", "--time-zone", "UTC", "--admin", "admin"]
    subprocess.run(
        [*command, *opening, "--password-stdin"],
        env=environment,
        input=b"a password of the benchmark\n",
        stdout=subprocess.DEVNULL,
        check=True,
    )
    users = directory / "users.csv"
    users.write_text("login_name\n" + "".join(f"user-{number}@example.com\n" for number in range(USERS)))
    started = time.perf_counter()
    importing = subprocess.Popen([*command, "user", "import", str(users)], env=environment, stdout=subprocess.PIPE)
    said, _ = importing.communicate()
    seconds = time.perf_counter() - started
    if said.decode() != f"Added: {USERS:,}. There already: 0.\n":
        raise RuntimeError(f"the import did something else: {said!r}")
    # Of all children that ended, so also of init, which is far smaller. Linux counts in KiB.
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


if __name__ == "__main__":
    sys.exit(0 if main() else 1)

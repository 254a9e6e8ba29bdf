"""What systemd does with a unit, as far as docs/operations.md needs it: user, environment, mask, start, stop."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
"""The machine's root: stubs lie in a directory below it."""

UNITS, RUN = ROOT / "etc/systemd/system", ROOT / "run"


def settings(unit: str, name: str) -> list[str]:
    lines = (UNITS / unit).read_text().splitlines()
    return [line.split("=", 1)[1] for line in lines if line.startswith(f"{name}=")]


def start(unit: str) -> None:
    (user,) = settings(unit, "User")
    own = os.geteuid() == 0 and Path("/") == ROOT
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "USER": user}
    for file in settings(unit, "EnvironmentFile"):
        environment |= dict(line.split("=", 1) for line in Path(file).read_text().splitlines())
    for command in settings(unit, "ExecStart"):
        process = subprocess.Popen(
            shlex.split(command),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=(RUN / f"{unit}.log").open("a"),
            stderr=subprocess.STDOUT,
            user=user if own else None,
            group=settings(unit, "Group")[0] if own else None,
            extra_groups=[] if own else None,
            umask=int(settings(unit, "UMask")[0], 8),
            start_new_session=True,
        )
        if "oneshot" in settings(unit, "Type"):
            if process.wait() != 0:
                sys.exit((RUN / f"{unit}.log").read_text())
        else:
            (RUN / f"{unit}.pid").write_text(str(process.pid))


def stop(unit: str) -> None:
    pid = RUN / f"{unit}.pid"
    if not pid.exists():
        return
    os.kill(int(pid.read_text()), signal.SIGTERM)
    with suppress(ProcessLookupError):
        while True:
            os.kill(int(pid.read_text()), 0)
            time.sleep(0.05)
    pid.unlink()


def reload_nginx() -> None:
    pid = RUN / "nginx.pid"  # `nginx -t` leaves an empty one
    again = ["-s", "reload"] if pid.exists() and pid.read_text().strip() else []
    subprocess.run(
        ["nginx", *again],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def main(verb: str, *arguments: str) -> None:
    if verb == "daemon-reload":
        return None
    (name,) = [argument for argument in arguments if not argument.startswith("--")]
    if (verb, name) == ("reload", "nginx"):
        return reload_nginx()
    unit = name if "." in name else f"{name}.service"
    if not (UNITS / unit).exists():
        sys.exit(f"Unit {unit} not found.")
    if unit.endswith(".timer"):  # nobody waits here until one in the night
        return None
    if verb in ("stop", "restart") or (verb == "disable" and "--now" in arguments):
        stop(unit)
    if verb in ("start", "restart") or (verb == "enable" and "--now" in arguments):
        start(unit)
    return None


main(*sys.argv[1:])

"""The first process of a test's machine: mounts what it has of the host, and stays until it is killed."""

from __future__ import annotations

import fcntl
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

SIOCSIFFLAGS = 0x8914
IFF_UP = 1


def mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True)


def main(root: Path, *shared: str) -> None:
    sbin = root / "sbin-of-its-own"  # /usr is the host's and read-only; here the page writes its command
    for place in shared:
        target = root / place.lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        mount("--rbind", place, target)
        mount("-o", "remount,bind,ro", target)
    mount("--bind", sbin, root / "usr/local/sbin")
    mount("--rbind", "/dev", root / "dev")
    mount("-t", "proc", "proc", root / "proc")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH", b"lo", IFF_UP))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # processes that lose their parent come here, and must not stay
    print("ready", flush=True)  # noqa: T201  whoever started it waits for this line
    while True:
        signal.pause()


main(Path(sys.argv[1]), *sys.argv[2:])

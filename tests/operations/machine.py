"""A bare machine for one test: its own root, users, processes and network; or, where that is forbidden, a prefix."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.interface.cli.processes import free_port, typed
from tests.wheels import locked_wheels, own_wheel

PYTHON = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
HERE = Path(__file__).parent
UNSHARE = ("unshare", "--mount", "--pid", "--net", "--fork")

FROM_THE_HOST = ("/usr", sys.base_prefix)
"""Programs and libraries, mounted read-only at their own places."""

ETC = (
    *("passwd", "group", "shadow", "gshadow", "subuid", "subgid", "login.defs", "pam.d", "security", "nsswitch.conf"),
    *("default", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "hosts", "localtime", "nginx", "alternatives", "ssl"),
)
"""What of /etc a bare machine has, copied, since the page changes it."""

DIRECTORIES = (
    "sbin-of-its-own",
    *("proc", "dev", "sys", "run", "opt", "home", "etc/systemd/system", "etc/nginx/conf.d", "usr", "stubs", "wheels"),
    *("var/lib/nginx", "var/log/nginx", "var/backups", "var/tmp", "root/seatledger"),
)

ONE_USER = {
    "useradd": "#!/bin/sh\n",
    "chown": "#!/bin/sh\n",
    "runuser": '#!/bin/sh\nshift 3\nexec "$@"\n',
    "install": '#!/bin/sh\nfor word; do shift; case "$last" in -[og]) ;; *) case "$word" in -[og]) ;; '
    '*) set -- "$@" "$word";; esac;; esac; last=$word; done\nexec /usr/bin/install "$@"\n',
}
"""What stands before these commands where there is one user: they leave out whom a file belongs to."""


class Machine:
    """Runs shell text as root, as at a terminal; `at` is where a path of the machine lies on the host."""

    def __init__(self, root: Path, enter: Sequence[str], path: str) -> None:
        self._root, self._enter = root, enter
        self.elsewhere: dict[str, str] = {}
        self.environment = {
            "PATH": path,
            "HOME": "/root",
            "LANG": "C.UTF-8",
            "PIP_NO_INDEX": "1",  # no test needs a network: the wheels lie on the machine
            "PIP_FIND_LINKS": f"{self.wheels}",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_COMPILE": "1",  # half of the time that an installation takes
        }

    @property
    def wheels(self) -> str:
        return "/wheels"

    def at(self, path: str) -> Path:
        place = Path(path.lstrip("/"))
        return self._root / self.elsewhere.get(str(place.parent), place.parent) / place.name

    def spelled_here(self, text: str) -> str:
        """The text as this machine needs it: as it stands."""
        return text

    def sh(self, text: str, dialogue: Sequence[tuple[str, str]] = ()) -> str:
        """What a terminal shows of it; every line must succeed."""
        command = [*self._enter, "/bin/sh", "-e", "-c", self.spelled_here(text)]
        return typed(command, self.environment, list(dialogue))


class Prefix(Machine):
    """No machine of its own: every path lies under a prefix, and there is one user. It shows less, and something."""

    def __init__(self, root: Path) -> None:
        self._prefix, self._port = str(root), str(free_port())
        super().__init__(root, [], f"{root}/stubs:{PYTHON.parent}:{root}/usr/local/sbin:{os.environ['PATH']}")
        prepare(root)
        for name, text in {**ONE_USER, "systemctl": (HERE / "systemctl.py").read_text()}.items():
            stub(root, name, text)

    @property
    def wheels(self) -> str:
        return f"{self._prefix}/wheels"

    def spelled_here(self, text: str) -> str:
        for place in ("/etc/", "/opt/", "/var/", "/root/", "/usr/local/sbin/"):
            text = text.replace(place, f"{self._prefix}{place}")
        return text.replace("8000", self._port)


def is_permitted() -> bool:
    """Whether this process may make namespaces and mount in them; root in a container often may not."""
    test = [*UNSHARE, "mount", "--bind", "/usr", "/usr"]
    return (
        shutil.which("unshare") is not None and subprocess.run(test, capture_output=True, check=False).returncode == 0
    )


@contextmanager
def bare_machine(root: Path) -> Iterator[Machine]:
    """A machine with the host's programs, a copy of what matters of its /etc, and nothing of Seatledger."""
    prepare(root)
    for name in ETC:
        source = Path("/etc") / name
        if source.is_dir():
            shutil.copytree(source, root / "etc" / name, symlinks=True, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy2(source, root / "etc" / name)
    (root / "etc/ssl/private").mkdir(exist_ok=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        if (Path("/") / name).is_symlink():
            (root / name).symlink_to(f"usr/{name}")
    stub(root, "systemctl", (HERE / "systemctl.py").read_text())
    holder = subprocess.Popen(
        [*UNSHARE, "--kill-child=KILL", sys.executable, HERE / "holder.py", root, *dict.fromkeys(FROM_THE_HOST)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "ready\n"
        inside = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().strip()
        enter = ["nsenter", "--mount", "--pid", "--net", "--target", inside, "--", "chroot", str(root)]
        path = f"/stubs:{PYTHON.parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        machine = Machine(root, enter, path)
        machine.elsewhere["usr/local/sbin"] = "sbin-of-its-own"  # mounted by holder.py, which nobody outside can see
        machine.environment["NETWORK_OF"] = inside
        yield machine
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def prepare(root: Path) -> None:
    """Directories, a release's files, and the wheels that it names."""
    root.chmod(0o755)
    for name in DIRECTORIES:
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("tmp", "var/tmp"):
        (root / name).mkdir(exist_ok=True)
        (root / name).chmod(0o1777)
    (root / "usr/local/sbin").mkdir(parents=True)
    own_wheel(root / "root/seatledger")
    (root / "root/seatledger/requirements.txt").write_text(locked_wheels(root / "wheels"))


def stub(root: Path, name: str, text: str) -> None:
    """A command that stands before the machine's own; Python if it begins like a module."""
    path = root / "stubs" / name
    path.write_text(text if text.startswith("#!") else f"#!{PYTHON}\n{text}")
    path.chmod(0o755)

"""Every file of deploy/ against what it names, and the image's command as its user, where nothing can be written."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import serving
from tests.interface.cli.test_proxy import make_certificate
from tests.operations.compose import read_compose
from tests.operations.machine import is_permitted
from tests.operations.page import PATH as PAGE
from tests.world import World

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
UNITS = re.findall(
    r"cat > /etc/systemd/system/(\S+) <<'EOF'\n(.*?)^EOF$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
SETTINGS = set(re.findall(r"^\| `(SEATLEDGER_\w+)`", (ROOT / "docs/configuration.md").read_text("utf-8"), re.MULTILINE))
UID = 10001

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} +(.+)$", DOCKERFILE, re.MULTILINE)


def environment() -> dict[str, str]:
    """The image's own."""
    return dict(re.findall(r"([A-Z_]+)=(\S+)", " ".join(instructions("ENV"))))


# The units


def test_the_units_are_those_that_the_page_types() -> None:
    assert {path.name: path.read_text("utf-8") for path in DEPLOY.glob("*.[st][ei][rm]*")} == dict(UNITS)
    assert len(UNITS) == 3


# The image


def test_the_image_copies_what_is_there_and_let_in() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    named = {word for line in instructions("COPY") if "--from" not in line for word in line.split()[:-1]}
    assert named == let_in
    assert all((ROOT / name).exists() for name in named)


def test_the_image_installs_locked_wheels_alone_and_does_not_run_as_root() -> None:
    installs = re.findall(r"pip install[^&]+", DOCKERFILE)
    assert len(installs) == 3
    for line in installs:
        assert "--require-hashes --only-binary :all:" in line or "--no-deps --no-index /wheels/" in line
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.+)$", last_stage, re.MULTILINE) == [f"{UID}:{UID}"]
    assert f"--uid {UID} " in last_stage
    assert {name for name in environment() if name.startswith("SEATLEDGER_")} <= SETTINGS


@pytest.mark.skipif(os.geteuid() != 0 or not is_permitted(), reason="it takes namespaces, and root to leave root")
def test_the_images_command_serves_as_another_user_where_nothing_can_be_written(tmp_path: Path) -> None:
    """As the image has it: its entry point, its user, no capability; the whole root read-only but for the data."""
    data = tmp_path
    secret = data / "secret.key"
    secret.write_bytes(b"a secret of the tests, 32 bytes!")
    secret.chmod(0o600)
    with World(data) as world:
        settings = {**world.environment, "SEATLEDGER_SECRET_KEY_FILE": str(secret)}
        assert CommandLine(world, settings).init().exit_code == 0
    for path in (data, *data.rglob("*")):
        os.chown(path, UID, UID)
    program, *arguments, option, _ = [*json.loads(instructions("ENTRYPOINT")[0]), *json.loads(instructions("CMD")[-1])]
    assert (program, arguments[0], option) == ("seatledger", "serve", "--port")
    inside = f"""
        set -e
        mount -t tmpfs tmpfs /run; mkdir /run/base /run/data /run/root
        mount --bind {sys.base_prefix} /run/base; mount --bind {data} /run/data; mount --bind {ROOT} /run/root
        case {sys.base_prefix} in /root/*) mount -t tmpfs -o mode=755 tmpfs /root; mkdir -p {sys.base_prefix};; esac
        mount --bind /run/base {sys.base_prefix}
        mount -t tmpfs -o mode=755 tmpfs /tmp; mount -t tmpfs -o mode=755 tmpfs /dev/shm
        mkdir -p {ROOT}; mount --bind /run/root {ROOT}
        mkdir -p {data}; mount --bind /run/data {data}
        findmnt --noheadings --list --output TARGET | while read -r place; do
            case $place in
                /proc*|/dev|/dev/pts|/dev/mqueue|/sys*|{data}) ;;
                *) mount -o remount,bind,ro "$place" 2>&1 || true;;
            esac
        done
        for place in / /tmp {ROOT}; do if touch $place/probe 2>&1; then echo WRITTEN; exit 9; fi; done
        exec setpriv --reuid {UID} --regid {UID} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
    """
    settings["PYTHONDONTWRITEBYTECODE"] = environment()["PYTHONDONTWRITEBYTECODE"]
    with serving(settings, *arguments, under=["unshare", "--mount", "sh", "-c", inside, "sh"]) as server:
        server.until("ready")
        assert Path(f"/proc/{server.process.pid}").stat().st_uid == UID
        check = re.search(r'CMD (\["python", "-c", .+\])', DOCKERFILE)
        assert check
        asks = json.loads(check[1])[2].replace("8000", str(server.port))
        assert subprocess.run([sys.executable, "-c", asks], check=False).returncode == 0
        assert (data / "name-pepper").stat().st_uid == UID
        assert server.stop() == 0
    assert subprocess.run([sys.executable, "-c", asks], capture_output=True, check=False).returncode != 0


# The compose file


COMPOSE = read_compose()
SERVICES: dict[str, Any] = COMPOSE["services"]  # Any: as YAML has it
(SUBNET,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
OURS = {name for name, service in SERVICES.items() if service["image"] == "seatledger"}


def test_what_the_compose_file_names_is_there() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"]), name
        assert set(service["networks"]) <= set(COMPOSE["networks"]), name
        assert set(service.get("depends_on", {})) <= set(SERVICES), name
        for mounted in service.get("volumes", []):
            source = mounted.split(":")[0]
            assert (DEPLOY / source).is_file() if source.startswith("./") else source in COMPOSE["volumes"], mounted
        named = re.findall(r"/run/secrets/([\w.-]+)", json.dumps(service))
        assert set(named) <= set(service.get("secrets", [])), name
    proxy = (DEPLOY / "nginx.conf").read_text("utf-8")
    assert set(re.findall(r"/run/secrets/([\w.-]+);", proxy)) == set(SERVICES["proxy"]["secrets"])
    assert set(re.findall(r"^ +server (\w+):8000", proxy, re.MULTILINE)) == {"server1", "server2"} <= OURS


def test_ours_can_write_nothing_but_their_volumes_and_only_the_owner_owns() -> None:
    assert {"server1", "server2", "owner", "command"} == OURS
    for name in OURS:
        service = SERVICES[name]
        assert service["read_only"] == "true"
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert set(service["environment"]) <= SETTINGS
        assert ("owner.pgpass" in service["secrets"]) == ("SEATLEDGER_DATABASE_OWNER" in service["environment"])
        assert ("owner.pgpass" in service["secrets"]) == (name == "owner")
        places = {mounted.split(":")[1] for mounted in service["volumes"]}
        assert {str(Path(environment()[key]).parent) for key in environment() if key.endswith("_FILE")} <= places
        assert service["environment"]["SEATLEDGER_TRUSTED_PROXIES"] in SUBNET
    assert SERVICES["proxy"]["read_only"] == "true"
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_nginx_takes_the_proxys_configuration(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    for there, here in {
        "/run/secrets/certificate.pem": str(certificate),
        "/run/secrets/certificate.key": str(key),
        "server1:": "127.0.0.1:",  # names that only the compose file's network knows
        "server2:": "127.0.0.2:",
        "/dev/stdout": str(tmp_path / "access.log"),
    }.items():
        assert there in text
        text = text.replace(there, here)
    whole = f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} http {{ {text} }}"
    (tmp_path / "nginx.conf").write_text(whole)
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    tested = subprocess.run([nginx, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False)
    assert (tested.returncode, "warn" in tested.stderr) == (0, False), tested.stderr


@as_root
def test_secrets_are_made_once_and_fit_for_libpq(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "make-secrets.sh", tmp_path)
    subprocess.run([tmp_path / "make-secrets.sh"], check=True)
    secrets = tmp_path / "secrets"
    made = {path.name: path.read_text() for path in secrets.iterdir()}
    assert set(made) == {name for name in COMPOSE["secrets"] if not name.startswith("certificate")}
    assert all(len(made[f"{role}-password"]) == 48 for role in ("postgres", "owner", "program"))
    assert made["owner.pgpass"] == f"db:5432:seatledger:seatledger_owner:{made['owner-password']}\n"
    assert secrets.stat().st_mode & 0o777 == 0o700
    for name in ("owner.pgpass", "program.pgpass"):
        info = (secrets / name).stat()
        assert (info.st_uid, stat.S_IMODE(info.st_mode)) == (UID, 0o600)
    subprocess.run([tmp_path / "make-secrets.sh"], check=True)
    assert {path.name: path.read_text() for path in secrets.iterdir()} == made

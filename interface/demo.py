"""The demo: a vendor, an installation, users and a token in one directory, and what the screen says of it."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from application.credentials.tables import create_tables
from application.files import new_private, replaced
from application.license_keys.signing import sign
from application.license_keys.signing_keys import load_signing_key, new_signing_key
from application.proof.notes import create_log_key, publish_vkey
from application.words.language import Language
from application.words.messages import message
from domain.installation import local_day
from domain.license import License, Period
from domain.refusals import Problem
from interface.composition import Seatledger, compose, system_clock
from interface.settings import Settings, SettingsInvalid

NAME = "Example Ltd"
PRODUCT = "timetracker-nx"
TIME_ZONE = "UTC"
ADMINISTRATOR = "admin"
USERS = (
    "alice",
    "bjørn",
    "chloé",
    "daniel.okafor",
    "emma",
    "françois",
    "grace",
    "hiroshi",
    "ines",
    "山田太郎",
    "józef",
)
DELETED = "karl"
LICENSES = 15
KID = "demo-vendor"
BY = "cli:demo"
GATEWAY = "Demo gateway"
"""What the token is called: a name, in no language."""

MAIL_WIDTH = 72
"""Where mail programs break lines; the license key is shown as it would arrive."""


INSTRUCTIONS = message("""
Seatledger's demo is ready.

  Open       {address}
  Sign in    {administrator}
  Password   {password}

Nobody but administrators can log in yet: under System Operation > License, paste this license key for
{licenses} licenses, just as it stands here, broken into lines as mail would, and press “Register License”:

{key}

A login gateway asks like this; ask before registering the key, and after:

  curl -H "Authorization: Bearer {token}" \\
       "{address}api/v1/login-check?login_name={user}"

This is a demo on plain HTTP, for this machine alone: its cookies are neither Secure nor named __Host-. Its data, the
vendor's signing key and this password among them, are in {directory}, and a second start finds them again.
Ctrl-C stops it.
""")


@dataclass(frozen=True)
class Memory:
    """What a demo must remember in the clear, in a file that only its owner can read."""

    password: str
    token: str
    license_key: str
    license_end: str


@dataclass(frozen=True)
class Demo:
    """A demo's directory, and what it remembers."""

    directory: Path
    memory: Memory

    @property
    def settings(self) -> Settings:
        """As `serve` would get them from the environment."""
        return Settings(
            database=f"sqlite:///{self.directory / 'seatledger.sqlite'}",
            keyring=self.directory / "vendor" / "keyring.json",
            secret_key_file=self.directory / "secret.key",
        )


def open_demo(directory: Path) -> Demo:
    """The demo in this directory, made if there is none. Raises SettingsInvalid.

    It is made beside its place and then moved there: one that is broken off leaves nothing half-made.
    """
    try:
        if not (directory / "demo.json").exists():
            _make(directory)
        memory = Memory(**json.loads((directory / "demo.json").read_text(encoding="utf-8")))
        if date.fromisoformat(memory.license_end) < system_clock().date():
            memory = _renewed(directory, memory)
    except OSError as error:
        raise SettingsInvalid(Problem("demo_unusable", directory=str(directory), reason=error.strerror)) from None
    except (ValueError, TypeError):
        raise SettingsInvalid(Problem("demo_not_ours", path=str(directory / "demo.json"))) from None
    return Demo(directory, memory)


def instructions(demo: Demo, address: str, language: Language) -> str:
    """What the person at the screen is told: where, as whom, which key, and how a gateway asks."""
    key = demo.memory.license_key
    wrapped = "\n".join(key[start : start + MAIL_WIDTH] for start in range(0, len(key), MAIL_WIDTH))
    return language.say(
        INSTRUCTIONS,
        address=address,
        administrator=ADMINISTRATOR,
        password=demo.memory.password,
        licenses=LICENSES,
        key=wrapped,
        token=demo.memory.token,
        user=USERS[0],
        directory=str(demo.directory),
    )


def _make(directory: Path) -> None:
    if directory.exists() and any(directory.iterdir()):
        raise SettingsInvalid(Problem("demo_something_else", directory=str(directory)))
    directory.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=directory.parent, prefix=f".{directory.name}-"))  # for its owner alone
    try:
        _fill(making)
        if directory.exists():
            directory.rmdir()
        making.rename(directory)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _fill(directory: Path) -> None:
    demo = Demo(directory, Memory(secrets.token_hex(8), "", "", ""))
    new_signing_key(directory / "vendor", KID, issuer="Demo Vendor")
    new_private(directory / "secret.key", secrets.token_bytes(32))
    create_log_key(demo.settings.log_key_path)
    demo.settings.log.make(create_tables)
    with closing(compose(demo.settings)) as seatledger:
        installation_id, token = _populate(seatledger, demo.memory.password)
        publish_vkey(demo.settings.log_key_path, seatledger.audit.public_key(installation_id))
    license_ = _license(installation_id, system_clock())
    _remember(directory, _signed(directory, demo.memory.password, token, license_))


def _populate(seatledger: Seatledger, password: str) -> tuple[UUID, str]:
    """An installation with an administrator and users; gives its id and a token for login checks."""
    licensing = seatledger.licensing
    id_ = licensing.open_installation(NAME, PRODUCT, TIME_ZONE, ADMINISTRATOR, by=BY)
    seatledger.accounts.set_password(
        id_, seatledger.accounts.account(id_, ADMINISTRATOR), password, how="machine", by=BY
    )
    for login_name in (*USERS, DELETED):
        licensing.add_user(id_, login_name, by=BY)
    licensing.delete_user(id_, DELETED, by=BY)
    return id_, licensing.create_token(id_, GATEWAY, ["login-check"], by=BY).text


def _license(installation_id: UUID, moment: datetime) -> License:
    """A year from today on, bound to the demo's installation."""
    today = local_day(moment, TIME_ZONE)
    year = Period(today, today + timedelta(days=364))
    return License(
        edition="Professional",
        licenses=LICENSES,
        license_period=year,
        maintenance_period=year,
        optional_products=("Analytics",),
        customer=NAME,
        issuer="Demo Vendor",
        audience=str(installation_id),
        product=PRODUCT,
        key_id=str(uuid4()),
        issued_at=int(moment.timestamp()),
    )


def _renewed(directory: Path, memory: Memory) -> Memory:
    """The year is over: the vendor sends the next key."""
    with closing(compose(Demo(directory, memory).settings)) as seatledger:
        license_ = _license(seatledger.installation_id, system_clock())
    renewed = _signed(directory, memory.password, memory.token, license_)
    _remember(directory, renewed)
    return renewed


def _signed(directory: Path, password: str, token: str, license_: License) -> Memory:
    signing_key = load_signing_key(directory / "vendor" / "signing-key.pem")
    return Memory(password, token, sign(license_, signing_key, KID), str(license_.license_period.end))


def _remember(directory: Path, memory: Memory) -> None:
    replaced(directory / "demo.json", (json.dumps(asdict(memory), indent=2) + "\n").encode())

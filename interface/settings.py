"""What the environment says, read here and nowhere else; docs/configuration.md explains every name."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from application.files import read_small, reason_of
from application.host_names import NoHost, TrustedHosts, UnusableEntry, host_from
from application.log import Log, UrlInvalid, open_log
from application.mail.accounts import MailAccount, MailUnusable
from application.words import languages
from application.words.language import Language
from domain.refusals import Problem

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_DATABASE = "sqlite:///seatledger.sqlite"
SECRET_KEY_BYTES = 32
KEPT_DAYS, LONGEST_KEPT_DAYS = 90, 3650
LONGEST_CONTACT = 200
LONGEST_AGE, LONGEST_STALE, DAY = 1000, 3600, 86_400
LONGEST_SNAPSHOT_HOURS = 168


class SettingsInvalid(Exception):
    """A setting is missing or cannot be used; the problem says which, and its words what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def sentence(self, language: Language) -> str:
        """The sentence for whoever runs the machine."""
        return language.clause(self.problem)


@dataclass(frozen=True)
class Settings:
    """Where things are. Nothing is opened until it is needed."""

    database: str = DEFAULT_DATABASE
    database_owner: str = ""
    """The URL of the role that makes the schema on a PostgreSQL server; `init` and `migrate` alone need it."""
    keyring: Path | None = None
    secret_key_file: Path | None = None
    log_key_file: Path | None = None
    trusted_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    """As they were written; `hosts` reads them."""
    trusted_proxies: tuple[Network, ...] = ()
    """The networks of proxies whose word on where a request comes from is taken."""
    is_second_factor_required: bool = False
    """Whether everybody who signs in here must turn a second factor on first."""
    sign_ins_days: int = KEPT_DAYS
    """Days for which a line of the security log is kept."""
    vendor_contact: str = ""
    """Whom to ask for license keys: an address of mail, a telephone number or a page; screens show it."""
    language: str = "en"
    """The tag of the language for whoever asks for none."""
    max_age_ms: int = 0
    """How old, in milliseconds, what a login check is answered from may be."""
    stale_seconds: int = LONGEST_STALE
    """For how long login checks are answered from the last view while the database is away; 0: not at all."""
    snapshot_hours: int = 0
    """For how long a snapshot of the decisions is good that a gateway fetches; 0: there are none."""
    log_format: str = "text"
    """How the server writes its log: “text” for people, or “json”, an object a line."""
    webhook_networks: tuple[Network, ...] = ()
    """Networks that are not the Internet's, to which webhooks may go all the same."""
    webhook_plain_hosts: tuple[str, ...] = ()
    """Hosts to which webhooks may go without TLS."""
    mail: MailAccount | None = None
    """The mail server, and who is written to; None: nobody."""
    request_seconds: int = 10
    """How long a client may take to send a request's head, and then its body."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Raises SettingsInvalid for a number that is none."""

        def path(name: str) -> Path | None:
            return Path(environment[name]) if environment.get(name) else None

        hosts = _parts(environment, "SEATLEDGER_TRUSTED_HOSTS")
        return cls(
            database=environment.get("SEATLEDGER_DATABASE") or DEFAULT_DATABASE,
            database_owner=environment.get("SEATLEDGER_DATABASE_OWNER", ""),
            keyring=path("SEATLEDGER_KEYRING"),
            secret_key_file=path("SEATLEDGER_SECRET_KEY_FILE"),
            log_key_file=path("SEATLEDGER_LOG_KEY_FILE"),
            trusted_hosts=tuple(hosts) or cls.trusted_hosts,
            trusted_proxies=_networks(environment, "SEATLEDGER_TRUSTED_PROXIES"),
            is_second_factor_required=_is_required(environment.get("SEATLEDGER_SECOND_FACTOR", "")),
            sign_ins_days=_days(environment.get("SEATLEDGER_SIGN_INS_DAYS", "")),
            vendor_contact=_contact(environment.get("SEATLEDGER_VENDOR_CONTACT", "")),
            language=_language(environment.get("SEATLEDGER_LANGUAGE", "")),
            max_age_ms=_number(environment, "SEATLEDGER_MAX_AGE_MS", 0, LONGEST_AGE),
            stale_seconds=_number(environment, "SEATLEDGER_STALE_SECONDS", cls.stale_seconds, DAY),
            snapshot_hours=_number(environment, "SEATLEDGER_SNAPSHOT_HOURS", 0, LONGEST_SNAPSHOT_HOURS),
            log_format=_log_format(environment.get("SEATLEDGER_LOG_FORMAT", "")),
            webhook_networks=_networks(environment, "SEATLEDGER_WEBHOOK_NETWORKS"),
            webhook_plain_hosts=_host_names(environment, "SEATLEDGER_WEBHOOK_HTTP_HOSTS"),
            mail=_mail(environment, path("SEATLEDGER_SMTP_PASSWORD_FILE")),
            request_seconds=_seconds(environment.get("SEATLEDGER_REQUEST_SECONDS", "")) or cls.request_seconds,
        )

    @property
    def log(self) -> Log:
        """The log in the database. Raises SettingsInvalid if SEATLEDGER_DATABASE names none that we know."""
        try:
            return open_log(self.database, self.database_owner)
        except UrlInvalid as error:
            raise SettingsInvalid(error.problem) from None

    @property
    def hosts(self) -> TrustedHosts:
        """The hosts by which the server is reached. Raises SettingsInvalid for an entry that names none."""
        try:
            return TrustedHosts(self.trusted_hosts)
        except UnusableEntry as error:
            raise SettingsInvalid(error.problem) from None

    @property
    def log_key_path(self) -> Path:
        """The log key's file: beside the secret key if not said otherwise, else beside the database's file."""
        if self.log_key_file:
            return self.log_key_file
        return self._beside_secret("log-key.pem")

    @property
    def pepper_path(self) -> Path:
        """The pepper's file: beside the secret key, else beside the database (P3)."""
        return self._beside_secret("name-pepper")

    @property
    def erased_people_path(self) -> Path:
        """The list of erased people: beside the secret key, else beside the database (P5)."""
        return self._beside_secret("erased-people")

    def _beside_secret(self, name: str) -> Path:
        return (self.secret_key_file or self.log.path or Path(name)).with_name(name)

    def secret_key(self) -> bytes:
        """The secret of SEATLEDGER_SECRET_KEY_FILE. Raises SettingsInvalid: there is no default secret."""
        if self.secret_key_file is None:
            raise SettingsInvalid(Problem("secret_not_named"))
        try:
            secret = read_small(self.secret_key_file)
        except OSError as error:
            problem = reason_of(error, self.secret_key_file)
            raise SettingsInvalid(Problem("secret_unreadable", reason=problem)) from None
        if len(secret) < SECRET_KEY_BYTES:
            path = str(self.secret_key_file)
            raise SettingsInvalid(Problem("secret_short", path=path, length=len(secret), least=SECRET_KEY_BYTES))
        if len(set(secret.strip(b"\r\n"))) <= 1:
            raise SettingsInvalid(Problem("secret_repeated", path=str(self.secret_key_file)))
        return secret


def _networks(environment: Mapping[str, str], name: str) -> tuple[Network, ...]:
    """The networks of a setting, with commas between; an address is a network of one."""
    networks = []
    for part in _parts(environment, name):
        try:
            networks.append(ipaddress.ip_network(part))
        except ValueError as error:
            raise SettingsInvalid(Problem("networks_invalid", name=name, text=part, reason=str(error))) from None
    return tuple(networks)


def _host_names(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The names of hosts of a setting, with commas between, in the spelling by which they are compared."""
    names = []
    for part in _parts(environment, name):
        try:
            names.append(host_from(part).name)
        except NoHost as error:
            raise SettingsInvalid(Problem("host_names_invalid", name=name, text=part, problem=error.problem)) from None
    return tuple(names)


def _mail(environment: Mapping[str, str], password_file: Path | None) -> MailAccount | None:
    url, sender = (environment.get(name, "").strip() for name in ("SEATLEDGER_SMTP", "SEATLEDGER_MAIL_FROM"))
    try:
        return MailAccount.of(url, password_file, sender, _parts(environment, "SEATLEDGER_MAIL_TO"))
    except MailUnusable as error:
        raise SettingsInvalid(error.problem) from None


def _parts(environment: Mapping[str, str], name: str) -> list[str]:
    return [part.strip() for part in environment.get(name, "").split(",") if part.strip()]


def _days(text: str) -> int:
    if not text:
        return KEPT_DAYS
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= LONGEST_KEPT_DAYS):
        raise SettingsInvalid(Problem("days_setting_invalid", text=text, most=LONGEST_KEPT_DAYS))
    return int(text)


def _language(text: str) -> str:
    """The tag of a language; English if none is named."""
    tag = text.strip() or Settings.language
    if tag not in languages.NAMES:
        known = list(languages.NAMES)
        raise SettingsInvalid(Problem("no_language", setting="SEATLEDGER_LANGUAGE", text=tag, known=known))
    return tag


def _contact(text: str) -> str:
    if len(text) > LONGEST_CONTACT or not text.isprintable():
        raise SettingsInvalid(Problem("contact_setting_invalid", most=LONGEST_CONTACT))
    return text.strip()


def _is_required(text: str) -> bool:
    if text not in ("", "optional", "required"):
        raise SettingsInvalid(Problem("second_factor_setting_invalid", text=text))
    return text == "required"


def _log_format(text: str) -> str:
    if text not in ("", "text", "json"):
        raise SettingsInvalid(Problem("log_format_setting_invalid", text=text))
    return text or "text"


def _number(environment: Mapping[str, str], name: str, unsaid: int, most: int) -> int:
    """A whole number from 0 to `most`."""
    text = environment.get(name, "")
    if not text:
        return unsaid
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and int(text) <= most):
        raise SettingsInvalid(Problem("number_setting_invalid", name=name, text=text, most=most))
    return int(text)


def _seconds(text: str) -> int | None:
    """A whole number of seconds from 1 to 60; None if nothing is said."""
    if text and not (text.isascii() and text.isdigit() and len(text) <= 2 and 1 <= int(text) <= 60):
        raise SettingsInvalid(Problem("request_seconds_invalid", text=text))
    return int(text) if text else None

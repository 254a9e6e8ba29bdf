"""What the environment says, read here and nowhere else; docs/configuration.md explains every name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from application.files import problem_of, read_small
from application.log import Log, UrlInvalid, open_log
from application.words.language import Language
from domain.refusals import Problem

DEFAULT_DATABASE = "sqlite:///seatledger.sqlite"
SECRET_KEY_BYTES = 32


class SettingsInvalid(Exception):
    """A setting is missing or cannot be used; the problem says which, and its words what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def told(self, language: Language) -> str:
        """The sentence for whoever runs the machine."""
        return language.clause(self.problem)


@dataclass(frozen=True)
class Settings:
    """Where things are. Nothing is opened until it is needed."""

    database: str = DEFAULT_DATABASE
    keyring: Path | None = None
    secret_key_file: Path | None = None
    log_key_file: Path | None = None
    trusted_hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    """Names and IPv4 addresses; Werkzeug matches no IPv6 address."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        def path(name: str) -> Path | None:
            return Path(environment[name]) if environment.get(name) else None

        hosts = [host.strip() for host in environment.get("SEATLEDGER_TRUSTED_HOSTS", "").split(",") if host.strip()]
        return cls(
            database=environment.get("SEATLEDGER_DATABASE") or DEFAULT_DATABASE,
            keyring=path("SEATLEDGER_KEYRING"),
            secret_key_file=path("SEATLEDGER_SECRET_KEY_FILE"),
            log_key_file=path("SEATLEDGER_LOG_KEY_FILE"),
            trusted_hosts=tuple(hosts) or cls.trusted_hosts,
        )

    @property
    def log(self) -> Log:
        """The log in the database. Raises SettingsInvalid if SEATLEDGER_DATABASE names none that we know."""
        try:
            return open_log(self.database)
        except UrlInvalid as error:
            raise SettingsInvalid(error.problem) from None

    @property
    def log_key_path(self) -> Path:
        """The log key's file: beside the secret key if not said otherwise, else beside the database."""
        if self.log_key_file:
            return self.log_key_file
        beside = self.secret_key_file or self.log.place
        return beside.with_name("log-key.pem")

    def secret_key(self) -> bytes:
        """The secret of SEATLEDGER_SECRET_KEY_FILE. Raises SettingsInvalid: there is no default secret."""
        if self.secret_key_file is None:
            raise SettingsInvalid(Problem("secret_not_named"))
        try:
            secret = read_small(self.secret_key_file)
        except OSError as error:
            raise SettingsInvalid(Problem("secret_unreadable", reason=problem_of(error))) from None
        if len(secret) < SECRET_KEY_BYTES:
            path = str(self.secret_key_file)
            raise SettingsInvalid(Problem("secret_short", path=path, length=len(secret), least=SECRET_KEY_BYTES))
        if len(set(secret.strip(b"\r\n"))) <= 1:
            raise SettingsInvalid(Problem("secret_repeated", path=str(self.secret_key_file)))
        return secret

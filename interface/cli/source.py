"""What a question is answered from: the installation of this machine, or an export (--export), verified first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from application.exported import Exported, OwnEvidence
from application.proof.verify_export import KEYS_FROM_EXPORT, Unreadable, keyring_in, notes_in, vkeys_in
from application.words.names_sheet import Names, NamesUnreadable, names_in
from interface.cli.arguments import read_own
from interface.cli.database import Opened, open_installation
from interface.cli.output import language, say
from interface.composition import system_clock

T = TypeVar("T")

MAX_NAMES = 1 << 30
"""The most bytes of a file with names: a million users have some 100 MB."""

EXISTING = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


def own_evidence(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options by which an auditor brings along what was kept, as its argument `own`."""

    @click.option("--checkpoint", multiple=True, type=EXISTING, help="A checkpoint that you kept; many times.")
    @click.option("--log-key", type=EXISTING, help="The log's public key (vkey), as you kept it.")
    @click.option(
        "--old-log-key",
        multiple=True,
        type=EXISTING,
        help="A log key of earlier times: good for checkpoints that you kept, and for nothing else; many times.",
    )
    @click.option("--keyring", type=EXISTING, help="The vendor's keyring (JWK set), from the vendor.")
    @wraps(command)
    def with_own(
        *args: Any,  # Any: the command's own
        checkpoint: tuple[Path, ...],
        log_key: Path | None,
        old_log_key: tuple[Path, ...],
        keyring: Path | None,
        **kwargs: Any,  # Any: the command's own
    ) -> None:
        own = OwnEvidence(
            kept_checkpoints=tuple(of_own_file(file, notes_in) for file in checkpoint),
            log_keys=None if log_key is None else of_own_file(log_key, vkeys_in),
            old_log_keys=tuple(vkey for file in old_log_key for vkey in of_own_file(file, vkeys_in)),
            keyring=None if keyring is None else of_own_file(keyring, keyring_in),
        )
        command(*args, own=own, **kwargs)

    return with_own


def of_own_file(path: Path, read: Callable[[bytes], T]) -> T:
    """What `read` finds in a file that somebody kept; what cannot be read is wrong usage, and no finding."""
    try:
        return read(read_own(path))
    except Unreadable as unreadable:
        problem = str(unreadable)
    raise click.UsageError(language().say("{file} cannot be read: {problem}.", file=str(path), problem=problem))


def _names(path: Path | None) -> Names | None:
    """The names that stand in a file of `audit export --names`; what cannot be read is wrong usage."""
    try:
        return names_in(read_own(path, MAX_NAMES)) if path else None
    except NamesUnreadable as unreadable:
        text = language().say("{file} cannot be read: {problem}.", file=str(path), problem=unreadable.problem)
    raise click.UsageError(text)


class Source(NamedTuple):
    """Where answers come from: an export, with what its verification takes, or else the installation."""

    export: Path | None
    own: OwnEvidence
    names: Names | None = None

    def tell_of_ids(self) -> None:
        """Say why nobody was found by a name, if answers come from an export without its names (P4)."""
        if self.export is not None and self.names is None:
            say(
                "Note: an export calls people by their ids and holds no names. Give --names FILE, the file with the "
                "names that was written beside it, or ask by id.",
                err=True,
            )

    def open(self) -> Opened | Exported:
        """Open it until the command ends; an export is verified first, and needs no database.

        Raises ExportUnsound; of an installation, what `open_installation` does.
        """
        if self.export is None:
            return open_installation()
        stream = click.get_current_context().with_resource(self.export.open("rb"))
        with click.progressbar(
            length=self.export.stat().st_size,
            label=language().say("Verifying"),
            file=sys.stderr,
            hidden=not sys.stderr.isatty(),
        ) as bar:
            progress = lambda _: bar.update(stream.tell() - bar.pos)  # noqa: E731
            exported = Exported(stream, self.own, system_clock, progress, self.names)
        if exported.report.finding is not None:
            say("Warning: {finding}", err=True, finding=str(exported.report.finding))
        if exported.report.keys_from_export:
            say("Verified; {keys}.", err=True, keys=KEYS_FROM_EXPORT)
        return exported


def source(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options --export and what goes with it, as its argument `source`."""

    @click.option(
        "--export",
        type=EXISTING,
        metavar="FILE",
        help="Answer from this export, which is verified first. It calls people by their ids.",
    )
    @click.option("--names", type=EXISTING, metavar="FILE", help="Call people of the export by the names in this file.")
    @own_evidence
    @wraps(command)
    def with_source(
        *args: Any,  # Any: the command's own
        export: Path | None,
        names: Path | None,
        own: OwnEvidence,
        **kwargs: Any,  # Any: the command's own
    ) -> None:
        if export is None and own != OwnEvidence():
            raise click.UsageError(
                language().say(
                    "--checkpoint, --log-key, --old-log-key and --keyring are for verifying an export: give --export "
                    "FILE."
                )
            )
        if export is None and names is not None:
            raise click.UsageError(language().say("--names goes with an export: give --export FILE."))
        if export is not None and not export.is_file():
            raise click.UsageError(language().say("{file} is no ordinary file.", file=str(export)))
        command(*args, source=Source(export, own, _names(names)), **kwargs)

    return with_source

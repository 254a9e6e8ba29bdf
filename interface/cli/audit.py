"""The audit commands: sign a checkpoint, export the history, verify an export."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from application.audit.replay import Replay
from application.audit.verify_export import MAX_LINE, Finding, Report, vkeys_of
from application.audit.verify_export import verify as verify_export
from application.recorders.topics import AllowedTopicsMapper
from interface.cli.database import open_installation
from interface.composition import license_keys

_FILE = click.Path(dir_okay=False, path_type=Path)
_EXISTING = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group()
def audit() -> None:
    """Prove that nobody altered the history: checkpoints, exports, verification (docs/audit.md)."""


@audit.command()
@click.argument("file", type=_FILE, required=False)
def checkpoint(file: Path | None) -> None:
    """Sign a checkpoint over all events so far; print it, or write it to FILE.

    Keep it somewhere else, or send it to the vendor: with it, a later verification shows that nothing before it was
    altered or removed. If nothing was added since the last one, that is given again.
    """
    at = open_installation()
    note = at.seatledger.audit.take_checkpoint(at.installation_id)
    if file is None:
        click.echo(note, nl=False)
        return
    try:
        file.write_text(note, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None


@audit.command()
@click.argument("file", type=_FILE)
def export(file: Path) -> None:
    """Write all events, leaves, checkpoints and public keys to FILE, for an auditor.

    The export holds the license keys: it is as secret as the database, and only its owner can read it.
    """
    at = open_installation()
    keyring = license_keys(at.seatledger.settings).keyring
    part = file.with_name(f"{file.name}.part")
    try:
        with open(part, "wb", opener=_private) as stream:
            with click.progressbar(length=at.view().position, label="Exporting", file=sys.stderr) as bar:
                done = at.seatledger.audit.export(at.installation_id, stream, keyring=keyring, progress=bar.update)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"{done.events} events and {done.checkpoints} checkpoints were exported to {file}.")
    if done.alarm:
        click.echo(f"Warning: {done.alarm} Verify the export: it names the damage.", err=True)


@audit.command()
@click.argument("file", type=_EXISTING)
@click.option("--checkpoint", "kept", type=_EXISTING, help="A checkpoint that you kept.")
@click.option("--log-key", type=_EXISTING, help="The log's public key (vkey), as you kept it.")
@click.option("--keyring", type=_EXISTING, help="The vendor's keyring (JWK set), from the vendor.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def verify(
    context: click.Context, file: Path, kept: Path | None, log_key: Path | None, keyring: Path | None, as_json: bool
) -> None:
    """Verify an export: positions, leaves, roots, signatures, license keys, and the state that a replay gives.

    Needs no database. Exit status 1 names the first thing that is wrong. The file verify_export.py does the same but
    for the replay, and needs only Python and the package cryptography.
    """
    replay = Replay(AllowedTopicsMapper.plain())
    length = file.stat().st_size
    with file.open("rb") as stream, click.progressbar(length=length, label="Verifying", file=sys.stderr) as bar:
        report = verify_export(
            stream,
            kept_checkpoint=_own(kept).decode("utf-8", "replace") if kept else None,
            log_keys=vkeys_of(_own(log_key)) if log_key else None,
            keyring=_own(keyring) if keyring else None,
            on_event=replay.event,
            progress=lambda _: bar.update(stream.tell() - bar.pos),
        )
        bar.update(length - bar.pos)
    _compare_replay(report, replay)
    click.echo(report.as_json() if as_json else "\n".join(_lines(report)))
    context.exit(1 if report.finding else 0)


def _compare_replay(report: Report, replay: Replay) -> None:
    """The last check: the events, replayed by the rules of this version, give the state that the export shows."""
    if report.finding is not None:
        return
    try:
        if replay.state() != report.state:
            raise Finding("other_state", "The replayed events give another state than the export says.", report.events)
    except Finding as finding:
        report.finding = finding


def _lines(report: Report) -> list[str]:
    lines = list(report.lines())
    if report.finding is None:
        lines.insert(-1, "Replayed: the events give the state that the export shows.")
    return lines


def _own(path: Path) -> bytes:
    """One of the auditor's own files; no more of it than such a file can hold."""
    with path.open("rb") as stream:
        return stream.read(MAX_LINE + 1)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

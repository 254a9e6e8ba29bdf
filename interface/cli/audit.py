"""The audit commands: sign a checkpoint, export the history, verify an export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

import click

from application.auditing import Export
from application.files import PUBLIC, replaced, writing_whole
from application.log.mapper import AllowedTopicsMapper
from application.permissions import barrier
from application.proof.verify_export import Finding, Report, vkeys_of
from application.proof.verify_export import verify as verify_export
from application.views.replay import Replay
from application.words.messages import Plural, plural
from interface.cli.arguments import read_own
from interface.cli.database import Opened, open_installation
from interface.cli.output import Group, language, say, warn_of_passed_over
from interface.composition import license_keys

STANDARD_OUTPUT = Path("-")

_FILE = click.Path(dir_okay=False, path_type=Path)
_EXISTING = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group(cls=Group)
def audit() -> None:
    """Prove that nobody altered the history: checkpoints, exports, verification (docs/audit.md)."""


@audit.command()
@click.argument("file", metavar="[FILE|-]", type=_FILE, required=False)
def checkpoint(file: Path | None) -> None:
    """Sign a checkpoint over all events so far; print it, or write it to FILE.

    Keep it somewhere else, or send it to the vendor: with it, a later verification shows that nothing before it was
    altered or removed. If nothing was added since the last one, that is given again.
    """
    at = open_installation()
    note = at.seatledger.audit.take_checkpoint(at.installation_id)
    if file is None or file == STANDARD_OUTPUT:
        click.echo(note, nl=False)
        return
    _ask_ordinary(file)
    try:
        replaced(file, note.encode(), mode=PUBLIC)
    except OSError as error:
        raise click.ClickException(_unwritable(file, error)) from None


@audit.command()
@click.argument("file", metavar="FILE|-", type=_FILE)
def export(file: Path) -> None:
    """Write all events, leaves, checkpoints and public keys to FILE, for an auditor; "-" is standard output.

    The export holds the license keys: it is as secret as the database, and only its owner can read it.
    """
    if file == STANDARD_OUTPUT:
        export_ = _export(open_installation(), sys.stdout.buffer)
        sys.stdout.flush()
    else:
        _ask_ordinary(file)
        at = open_installation()
        try:
            with writing_whole(file) as stream:
                export_ = _export(at, stream)
        except OSError as error:
            raise click.ClickException(_unwritable(file, error)) from None
    say(
        "{events} and {checkpoints} exported to {file}.",
        err=file == STANDARD_OUTPUT,
        events=_count(export_.events, plural("{shown} event", "{shown} events")),
        checkpoints=_count(export_.checkpoints, plural("{shown} checkpoint", "{shown} checkpoints")),
        file=language().say("standard output") if file == STANDARD_OUTPUT else str(file),
    )
    if export_.alarm:
        say("Warning: {problem} Verify the export: it names the damage.", err=True, problem=export_.alarm)


def _export(at: Opened, stream: BinaryIO) -> Export:
    keyring = warn_of_passed_over(license_keys(at.seatledger.settings).keyring)
    audit_log, id_ = at.seatledger.audit, at.installation_id
    with click.progressbar(length=audit_log.size(id_), label=language().say("Exporting"), file=sys.stderr) as bar:
        return audit_log.export(id_, stream, keyring=keyring, progress=bar.update)


@audit.command()
@click.argument("file", type=_EXISTING)
@click.option("--checkpoint", "own_checkpoint", type=_EXISTING, help="A checkpoint that you kept.")
@click.option("--log-key", type=_EXISTING, help="The log's public key (vkey), as you kept it.")
@click.option("--keyring", type=_EXISTING, help="The vendor's keyring (JWK set), from the vendor.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def verify(
    context: click.Context,
    file: Path,
    own_checkpoint: Path | None,
    log_key: Path | None,
    keyring: Path | None,
    as_json: bool,
) -> None:
    """Verify an export: positions, leaves, roots, signatures, license keys, and the state that a replay gives.

    Needs no database. Exit status 1 names the first thing that is wrong. The file verify_export.py does the same but
    for the replay, and needs only Python and the package cryptography.
    """
    replay = Replay(AllowedTopicsMapper.plain())
    length = file.stat().st_size
    with (
        file.open("rb") as stream,
        click.progressbar(length=length, label=language().say("Verifying"), file=sys.stderr) as bar,
    ):
        report = verify_export(
            stream,
            kept_checkpoint=read_own(own_checkpoint).decode("utf-8", "replace") if own_checkpoint else None,
            log_keys=vkeys_of(read_own(log_key)) if log_key else None,
            keyring=read_own(keyring) if keyring else None,
            on_event=replay.event,
            progress=(lambda _: bar.update(stream.tell() - bar.pos)) if stream.seekable() else None,
        )
        bar.update(length - bar.pos)
    _compare_replay(report, replay)
    click.echo(report.as_json() if as_json else "\n".join(_lines(report)))
    context.exit(1 if report.finding else 0)


def _compare_replay(report: Report, replay: Replay) -> None:
    """The last check: the events, replayed by the rules of this version, give the state that the export shows.

    Replaying goes in steps; so an event that cannot be replayed may come before what was found meanwhile.
    """
    try:
        if replay.state() != report.state and report.finding is None:
            raise Finding("other_state", "The replayed events give another state than the export says.", report.events)
    except Finding as finding:
        earlier = report.finding
        if earlier is None or (earlier.position is not None and (finding.position or 0) < earlier.position):
            report.finding = finding


def _lines(report: Report) -> list[str]:
    lines = list(report.lines())
    if report.finding is None:
        lines.insert(-1, language().say("Replayed: the events give the state that the export shows."))
    return lines


def _count(number: int, noun: Plural) -> str:
    shown = f"{number:,}"
    return language().say(noun, number=number, shown=shown)


def _ask_ordinary(file: Path) -> None:
    """What is no file is not replaced, and what a link leads to is not written over."""
    if file.is_symlink() or (file.exists() and not file.is_file()):
        raise click.BadParameter(language().say("{file} is no ordinary file.", file=str(file)), param_hint="'FILE'")


def _unwritable(file: Path, error: OSError) -> str:
    reason = barrier(file, writing=True) or error.strerror
    return language().say("{file} cannot be written: {reason}.", file=str(file), reason=reason)

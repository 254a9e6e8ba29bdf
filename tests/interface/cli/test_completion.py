"""Completion, as a shell has it after the line of the README."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from interface.cli.completion import SHELLS
from tests.interface.cli.processes import COMMAND, PATIENCE

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")


def completed(directory: Path, *words: str) -> list[str]:
    """What bash completes behind these words, of which the last one is not finished."""
    program = directory / "seatledger"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
    program.chmod(0o755)
    (switched_on,) = re.findall(r"`(source <\(seatledger completion bash\))`", README)
    script = f"""
        {switched_on}
        COMP_WORDS=({shlex.join(words)}) COMP_CWORD={len(words) - 1}
        "$(complete -p seatledger | sed 's/.*-F \\([^ ]*\\) .*/\\1/')" seatledger
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    ended = subprocess.run(
        ["bash", "--norc", "-c", script],
        env={**os.environ, "PATH": f"{directory}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["lic"], ["license"]),
        (["license", ""], ["covers", "list", "preview", "register", "request", "show"]),
        (["history", "--new"], ["--newest"]),
        (["history", "--event", "Token"], ["TokenCreated", "TokenRevoked"]),
        (["completion", ""], list(SHELLS)),
    ],
    ids=["a command", "the commands of a group", "an option", "what an option takes", "a shell"],
)
def test_bash_completes_after_the_line_of_the_readme(tmp_path: Path, words: list[str], expected: list[str]) -> None:
    assert sorted(completed(tmp_path, "seatledger", *words)) == sorted(expected)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_readme_says_it_for_each_shell(shell: str) -> None:
    lines = {"zsh": "the same with `zsh`", "fish": "`seatledger completion fish | source`"}
    assert lines[shell] in README
    printed = subprocess.run([*COMMAND, "completion", shell], capture_output=True, text=True, check=True)
    assert f"_SEATLEDGER_COMPLETE={shell}_complete" in printed.stdout

"""The language of the command line: what --lang says, else LANG, and help in lines of the terminal's width."""

from __future__ import annotations

import gettext
import os

import pytest

from interface.cli.output import width_of
from interface.cli.wrapping import NEVER_FIRST, NEVER_LAST, lines_of
from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import run

JAPANESE = "ユーザーの追加、削除、復元、ログイン名の変更、一覧表示、インポートを行います。"


@pytest.fixture(autouse=True)
def no_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("environment", "is_japanese"),
    [
        ({}, False),
        ({"LANG": "ja_JP.UTF-8"}, True),
        ({"LANG": "de_DE.UTF-8"}, False),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8"}, True),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "fr:ja:en"}, True),
        ({"LANGUAGE": "ja"}, False),  # as for every program: without a locale it says nothing
        ({"LANG": "ja_JP.UTF-8", "LANGUAGE": "en:ja"}, False),
    ],
)
def test_the_environment_says_which_language(line: CommandLine, environment: dict[str, str], is_japanese: bool) -> None:
    assert (JAPANESE[:8] in line.run("user", "--help", **environment).output) is is_japanese


def test_the_option_goes_before_the_environment_and_lasts_for_one_command(line: CommandLine) -> None:
    assert "使用中" in line.run("--lang", "ja", "license", "show", LANG="en_GB.UTF-8").output
    assert "In use" in line.run("--lang", "en", "license", "show", LANG="ja_JP.UTF-8").output
    assert "In use" in line.run("license", "show").output
    assert gettext.textdomain() == "messages"
    assert "LANGUAGE" not in os.environ


def test_refusals_and_what_click_says_are_in_the_language_and_the_code_stays(line: CommandLine) -> None:
    refused = line.run("--lang", "ja", "user", "delete", "nobody")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("拒否（unknown_user）：")
    wrong = line.run("--lang", "ja", "user", "lst")
    assert wrong.exit_code == 2
    assert "'lst'というコマンドはありません。" in wrong.stderr
    assert "エラー：" in wrong.stderr


def test_json_is_the_same_but_for_its_sentences(line: CommandLine) -> None:
    def shown(tag: str) -> str:
        return line.run("--lang", tag, "license", "show", "--json").stdout

    english, japanese = line.json("--lang", "en", "license", "show"), line.json("--lang", "ja", "license", "show")
    assert [warning["code"] for warning in english.pop("warnings")] == [
        warning["code"] for warning in japanese.pop("warnings")
    ]
    assert english == japanese
    assert "有効" not in shown("en")


def test_a_language_that_is_not_spoken_is_wrong_usage(line: CommandLine) -> None:
    refused = line.run("--lang", "fr", "license", "show")
    assert refused.exit_code == 2
    assert "'en', 'ja'" in refused.stderr


def test_a_console_that_cannot_show_japanese_is_told_so_much_as_it_can(line: CommandLine) -> None:
    """Nothing breaks, and no line is lost: what cannot be written is escaped."""
    shown = run(line.environment, "--lang", "ja", "license", "show", PYTHONIOENCODING="ascii", LANG="ja_JP.UTF-8")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count(b"\n") > 3


@pytest.mark.parametrize("width", [10, 20, 38, 80])
def test_lines_are_as_wide_as_the_terminal_and_break_where_japanese_breaks(width: int) -> None:
    text = f"{JAPANESE}「-」を指定すると、標準入力（1行に1つ）のseatledger user addを読み取ります。"
    lines = lines_of(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(line[0] not in NEVER_FIRST and line[-1] not in NEVER_LAST for line in lines)
    words = max(width, width_of("（1行に1つ）の") if width > 10 else 14)
    assert all(width_of(line) <= words for line in lines)

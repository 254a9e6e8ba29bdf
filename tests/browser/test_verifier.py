"""The verifier in the browser: it says what the Python file says, asks no network, and serves everybody."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Request, expect

from application.proof.notes import Checkpoint, sign, vkey
from application.proof.verify_export import MAX_LINE, notes_in, vkeys_in
from tests.application.audited import export_of, live_a_life
from tests.application.proof.honest import FIRST, live
from tests.application.proof.test_golden_exports import GOLDEN
from tests.browser.tampered import Case, cases
from tests.browser.test_accessibility import look
from tests.browser.verifier_page import FILE, LABELS, choose, encoded, open_page, reports, verify
from tests.proof_examples import (
    EXPORT,
    INSTALLATION,
    KEYRING_FILE,
    LOG,
    LOG_KEY,
    ORIGIN,
    OTHER_LOG_KEY,
    VKEY,
    a_checkpoint,
    a_log,
    an_export,
    flipped,
    lines_of,
    seeded,
    verified,
)
from tests.world import World

KEPT = a_checkpoint(LOG, 7)
NOT_ASKED = "Rules are not asked here: run the Python file, verify_export.py."


@pytest.fixture
def page(one_page: Page) -> Iterator[Page]:
    """The verifier, opened from the disk; whatever it does, it asks for nothing else and raises nothing."""
    requests: list[str] = []
    errors: list[str] = []

    def hear_request(request: Request) -> None:
        requests.append(request.url)

    def hear_error(error: Error) -> None:
        errors.append(str(error))

    one_page.on("request", hear_request)
    one_page.on("pageerror", hear_error)
    open_page(one_page)
    yield one_page
    one_page.remove_listener("request", hear_request)
    one_page.remove_listener("pageerror", hear_error)
    assert [url for url in requests if not url.startswith("data:")] == [FILE.as_uri()]
    assert errors == []


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """An export, and what an auditor brings along."""
    contents = {"export": EXPORT, "kept": KEPT.encode(), "log_key": f"{VKEY}\n".encode(), "keyring": KEYRING_FILE}
    paths = {name: tmp_path / f"{name}.txt" for name in contents}
    for name, content in contents.items():
        paths[name].write_bytes(content)
    return paths


# What it says.


def test_a_sound_export_is_said_to_be_sound_in_the_words_of_the_python_file(page: Page, files: dict[str, Path]) -> None:
    verify(page, **files)
    expect(page.get_by_role("heading", name="Nothing is wrong", exact=True)).to_be_focused()
    expect(
        page.get_by_text(f"export.txt, {len(EXPORT):,} bytes, with kept.txt, log_key.txt, keyring.txt")
    ).to_be_visible()
    report = verified(EXPORT, kept_checkpoints=[[KEPT]], log_keys=[VKEY], keyring=KEYRING_FILE)
    lines = [line for line in report.lines() if not line.startswith("Rules: ")]
    assert f"Root of all 20 events: {report.root}" in lines
    assert page.locator("#lines li").all_inner_texts() == [*lines[:-1], NOT_ASKED]


def test_without_the_auditors_keys_it_says_what_it_shows(page: Page, files: dict[str, Path]) -> None:
    verify(page, export=files["export"])
    but = page.get_by_text("But: keys taken from the export: shows that it is whole, not who made it.")
    expect(but).to_be_visible()
    verify(page, log_key=files["log_key"], keyring=files["keyring"])
    expect(but).to_be_hidden()


def test_a_finding_has_its_code_its_position_and_its_sentence(page: Page, files: dict[str, Path]) -> None:
    files["export"].write_bytes(EXPORT.replace(b"seatledger:UserAdded", b"seatledger:UserDeleted", 1))
    verify(page, **files)
    expect(page.get_by_role("heading", name="Something is wrong at position 3")).to_be_focused()
    expect(page.locator("#code")).to_have_text("leaf_mismatch")
    expect(page.locator("#sentences")).to_have_text(
        "The event does not match its leaf: one of them was altered after it was recorded."
    )


def compare(page: Page, tried: list[Case]) -> None:
    """Code, position and sentence, and the root of what is sound, are those of the Python file."""
    for case, (code, position, message, root, _) in zip(tried, reports(page, tried), strict=True):
        report = case.report
        finding = report.finding
        if finding is None:
            assert (code, root) == (None, report.root), (case.export, case.options)
        else:
            assert (code, position) == (finding.code, finding.position), (case.export, case.options)
            if code != "keyring_invalid":  # in which Python's own parsers have a word
                assert message == str(finding)


def test_it_finds_what_the_python_file_finds(page: Page) -> None:
    """On every export that the tests of that file try it on."""
    tried = list(cases(most=5))
    assert len(tried) > 300
    compare(page, tried)


def test_honest_histories_are_told_as_the_python_file_tells_them(page: Page, tmp_path: Path) -> None:
    """One that has every kind of event, and some by chance: every line but that on rules is alike."""
    tried = [_lived(tmp_path / "whole", live_a_life)]
    for seed in range(8):
        tried.append(_lived(tmp_path / str(seed), lambda world, seed=seed: live(world, seed, 40).notes))
    for case, (code, _, _, root, lines) in zip(tried, reports(page, tried), strict=True):
        report = verified(case.export, **case.options)
        assert report.is_whole, "an honest history"
        assert (code, root) == (report.finding and report.finding.code, report.root)
        assert [line for line in lines if line != NOT_ASKED] == [
            line for line in report.lines() if line[:6] != "Rules:"
        ]


def _lived(place: Path, live: Callable[[World], list[str]]) -> Case:
    """The export of a life, with the log key, the keyring, and a file for each checkpoint that was kept."""
    place.mkdir()
    with World(place) as world:
        world.on(FIRST).open()
        notes = live(world)
        own = {"kept_checkpoints": [[note] for note in notes], "log_keys": [world.vkey], "keyring": KEYRING_FILE}
        return Case(export_of(world)[0], own)


@pytest.mark.parametrize("golden", sorted(path.name for path in GOLDEN.iterdir()))
def test_golden_exports_are_told_as_the_python_file_tells_them(page: Page, golden: str) -> None:
    own = {name: (GOLDEN / golden / name).read_bytes() for name in ("kept-checkpoint", "log-key", "keyring.json")}
    options = {"kept_checkpoints": [notes_in(own["kept-checkpoint"])], "log_keys": vkeys_in(own["log-key"])}
    compare(page, [Case((GOLDEN / golden / "export").read_bytes(), {**options, "keyring": own["keyring.json"]})])


def test_it_relies_on_keys_and_checkpoints_as_the_python_file_does(page: Page) -> None:
    """The export's own keys and others, kept checkpoints of one log and of two, old log keys: in every combination."""
    other_vkey = vkey(ORIGIN, OTHER_LOG_KEY.public_key())
    changed = [a_checkpoint(LOG, 10), a_checkpoint(LOG, 20, log_key=OTHER_LOG_KEY)]
    exports = [EXPORT, an_export(LOG, checkpoints=changed), an_export(a_log(12), log_key=OTHER_LOG_KEY)]
    small, large, old = a_checkpoint(LOG, 7), a_checkpoint(LOG), a_checkpoint(LOG, 10, log_key=OTHER_LOG_KEY)
    other = sign(Checkpoint(ORIGIN, 7, b"\0" * 32), LOG_KEY)
    kept = [
        [],
        [[small]],
        [[large], [small]],
        [[old]],
        [[small, old]],
        [[small], [other]],
        [[]],
        [["nonsense"], [small]],
    ]
    log_keys = [None, [VKEY], [other_vkey], [VKEY, other_vkey]]
    old_log_keys: list[list[str]] = [[], [VKEY], [other_vkey], ["nonsense"]]
    tried = [
        Case(export, {"kept_checkpoints": notes, "log_keys": keys, "old_log_keys": old_keys})
        for export, notes, keys, old_keys in product(exports, kept, log_keys, old_log_keys)
    ]
    compare(page, tried)
    codes = {case.report.finding.code if case.report.finding else "ok" for case in tried}
    assert codes >= {"ok", "checkpoint_invalid", "checkpoints_contradict_each_other", "kept_checkpoint_invalid"}
    assert codes >= {"log_key_invalid", "older_than_kept_checkpoint"}


def test_it_asks_the_vendors_anchors_as_the_python_file_does(page: Page) -> None:
    tried = []
    for size, root in product((0, 3, 4, 6, 7, 99, -1, "4"), (a_checkpoint(LOG, 4), a_checkpoint(LOG, 3), "", 1)):
        text = root.split("\n")[2] if isinstance(root, str) and root else root
        log = a_log(9, registrations=(7,), other_claims={"x_log_size": size, "x_log_root": text})
        tried.append(Case(an_export(log), {}))
    compare(page, tried)
    codes = [case.report.finding.code if case.report.finding else "ok" for case in tried]
    assert {"ok", "anchor_contradicted"} <= set(codes)


@pytest.mark.long
def test_it_finds_what_the_python_file_finds_in_thousands_of_exports(page: Page) -> None:
    tried, chance = list(cases(most=10_000)), seeded(41)
    for _ in range(20_000):
        tried.append(Case(flipped(EXPORT, chance), {}))
    compare(page, tried)


def test_a_line_as_long_as_lines_may_be_is_read_and_a_longer_one_is_named(page: Page) -> None:
    log = a_log(5, registrations=())
    for length in (783_000, 786_000, 790_000):
        long = an_export([*log, ("seatledger:UserDeleted", b"x" * length)])
        compare(page, [Case(long, {})])
    for length in (MAX_LINE - 1, MAX_LINE, MAX_LINE + 1):
        line = b'"' + b"\\n" * ((length - 4) // 2) + b"n" * (length % 2) + b'"\n'
        compare(page, [Case(b"".join([*lines_of(EXPORT)[:3], line.rjust(length)]), {})])


def test_endless_nonsense_ends_after_a_few_slices(page: Page) -> None:
    """A gigabyte without a line break: of it, no more is read than shows that the line is too long."""
    bytes_read, code = page.evaluate(
        """async () => {
            let bytesRead = 0;
            const slice = (from, to) => {
                bytesRead += to - from;
                return new Blob([new Uint8Array(to - from)]);
            };
            const report = await verify({ size: 1 << 30, slice });
            return [bytesRead, report.finding.code];
        }"""
    )
    assert code == "not_an_export"
    assert bytes_read <= 2 << 20


# What an auditor brings along.


def test_several_checkpoints_and_keys_are_read_as_mail_carries_them(page: Page, files: dict[str, Path]) -> None:
    mail = files["kept"].with_name("mail.eml")
    mail.write_bytes(f"Dear auditor,\n\n> {a_checkpoint(LOG, 12)}".replace("\n", "\r\n> ").encode("utf-16"))
    files["log_key"].write_bytes(f'"{VKEY}"\r\n'.encode("utf-8-sig"))
    verify(page, **{**files, "kept": [files["kept"], mail]})
    expect(page.get_by_role("heading", name="Nothing is wrong", exact=True)).to_be_visible()
    expect(page.get_by_text("The first 12 events are those of the checkpoint that you kept.")).to_be_visible()


@pytest.mark.parametrize("name", ["kept", "log_key", "keyring"])
def test_what_cannot_be_read_is_named_and_nothing_is_verified(page: Page, files: dict[str, Path], name: str) -> None:
    files[name].write_bytes(b"a shopping list")
    verify(page, **files)
    expect(page.get_by_role("heading", name="A file cannot be read")).to_be_focused()
    expect(page.locator("#sentences p").first).to_contain_text(f"{name}.txt cannot be read: it ")
    expect(page.locator("#report")).to_be_hidden()


def test_an_own_file_of_more_than_a_mebibyte_is_named(page: Page, files: dict[str, Path]) -> None:
    files["kept"].write_bytes(KEPT.encode() + b" " * (1 << 20))
    verify(page, **files)
    expect(page.get_by_text("kept.txt cannot be read: it has more than 1,048,576 bytes.")).to_be_visible()


def test_files_dropped_at_once_find_their_places(page: Page, files: dict[str, Path]) -> None:
    files["other"] = files["export"].with_name("other.txt")
    files["other"].write_bytes(b"a shopping list")
    drop(page, *files.values())
    expect(page.locator("#dropped p")).to_have_text(
        [
            "export.txt is the audit export.",
            "kept.txt is a checkpoint.",
            "log_key.txt is the log key.",
            "keyring.txt is the vendor's keyring.",
            "other.txt is none of these; choose it below for what it is.",
        ]
    )
    verify(page)
    expect(page.get_by_role("heading", name="Nothing is wrong", exact=True)).to_be_visible()
    expect(page.get_by_text("with kept.txt, log_key.txt, keyring.txt")).to_be_visible()


def test_of_two_log_keys_dropped_at_once_one_is_taken_and_the_other_asked_about(
    page: Page, files: dict[str, Path]
) -> None:
    files["old"] = files["export"].with_name("old.vkey")
    files["old"].write_text(vkey(ORIGIN, OTHER_LOG_KEY.public_key()))
    drop(page, files["log_key"], files["old"])
    expect(page.locator("#dropped p").last).to_have_text(
        "old.vkey is the log key too, and not taken: choose below what it is for."
    )
    verify(page, export=files["export"], old_log_key=files["old"])
    expect(page.locator("#about")).to_contain_text("with log_key.txt, old.vkey")


@pytest.mark.parametrize("name", ["export", "kept"])
def test_a_file_that_is_gone_meanwhile_is_named(page: Page, files: dict[str, Path], name: str) -> None:
    verify(page, **files)
    files[name].unlink()
    verify(page)
    expect(page.get_by_role("heading", name="A file cannot be read")).to_be_focused()
    expect(page.locator("#sentences")).to_contain_text(f"{name}.txt cannot be read: it was moved or changed")


def test_what_was_said_of_other_files_is_gone(page: Page, files: dict[str, Path]) -> None:
    """Neither a verdict stays beside files that were chosen after it, nor a code beside what is no finding."""
    sound = files["export"].read_bytes()
    files["export"].write_bytes(sound.replace(b"seatledger:UserAdded", b"seatledger:UserDeleted", 1))
    verify(page, **files)
    files["kept"].write_bytes(b"")
    verify(page, kept=files["kept"])
    expect(page.locator("#code")).to_be_hidden()
    other = files["export"].with_name("other.jsonl")
    other.write_bytes(sound)
    choose(page, export=other)
    expect(page.locator("#result")).to_be_hidden()


def test_a_page_that_fails_never_shows_what_it_said_before(page: Page, files: dict[str, Path]) -> None:
    verify(page, **files)
    page.evaluate("() => { crypto.subtle.verify = () => Promise.reject(new TypeError('broken')); }")
    verify(page)
    expect(page.get_by_role("heading", name="This page failed")).to_be_focused()
    expect(page.get_by_text("Nothing is wrong")).to_be_hidden()
    expect(page.locator("#report")).to_be_hidden()


def drop(page: Page, *paths: Path) -> None:
    """As a desktop drops files on a page."""
    page.evaluate(
        """(files) => {
            const dataTransfer = new DataTransfer();
            for (const [name, content] of files) dataTransfer.items.add(new File([fromBase64(content)], name));
            const event = { dataTransfer, bubbles: true, cancelable: true };
            document.body.dispatchEvent(new DragEvent("dragover", event));
            if (document.body.dispatchEvent(new DragEvent("drop", event))) throw new Error("the browser would open it");
        }""",
        [[path.name, encoded(path.read_bytes())] for path in paths],
    )


# What it may do.


def test_a_policy_names_its_script_and_style_by_hash_and_forbids_all_else(browser: Browser) -> None:
    text = FILE.read_text(encoding="utf-8")
    policy = {directive: " ".join(sources) for directive, *sources in map(str.split, _policy(text).split(";"))}
    assert policy == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": f"'sha256-{_digest(text, 'style')}'",
        "script-src": f"'sha256-{_digest(text, 'script')}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    page = browser.new_context().new_page()
    open_page(page)
    blocked = page.evaluate(
        """async () => {
            const directives = new Set();
            addEventListener("securitypolicyviolation", (event) => directives.add(event.effectiveDirective));
            await fetch("https://example.org/").catch(() => {});
            new Image().src = "https://example.org/";
            document.body.append(Object.assign(document.createElement("script"), { textContent: "hostile = 1" }));
            while (directives.size < 3) await new Promise((resolve) => setTimeout(resolve, 10));
            return [...directives].sort();
        }"""
    )
    assert blocked == ["connect-src", "img-src", "script-src-elem"]
    assert page.evaluate("typeof hostile") == "undefined"
    page.context.close()


def _policy(text: str) -> str:
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    return policy


def _digest(text: str, tag: str) -> str:
    (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


# Whom it serves.


def test_every_state_of_it_is_clean(browser: Browser, files: dict[str, Path]) -> None:
    page = browser.new_page()
    open_page(page)
    look(page, "at first")
    verify(page, export=files["export"])
    look(page, "sound, by the export's own keys")
    verify(page, **files)
    look(page, "sound")
    drop(page, files["kept"])
    expect(page.locator("#dropped p")).to_have_count(1)
    files["export"].write_bytes(EXPORT.replace(b"seatledger:UserAdded", b"seatledger:" + b"X" * 900, 1))
    verify(page, **files)
    look(page, "a finding")
    files["kept"].write_bytes(b"")
    verify(page, **files)
    look(page, "a file that cannot be read")
    page.evaluate("showRunning(true)")
    look(page, "under way")
    page.close()


def test_it_is_used_by_keyboard_and_tells_a_screen_reader(page: Page, files: dict[str, Path]) -> None:
    choose(page, **files)
    for language in ("English", "日本語"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name=language)).to_be_focused()
    for label in LABELS.values():
        page.keyboard.press("Tab")
        expect(page.get_by_label(label, exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing is wrong", exact=True)).to_be_focused()
    expect(page.locator("#count")).to_have_role("status")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy the report")).to_be_focused()


def test_the_report_is_copied(browser: Browser, files: dict[str, Path]) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    open_page(page)
    verify(page, **files)
    page.get_by_role("button", name="Copy the report").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    report = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert (report[0], report[-1]) == (f"Installation {INSTALLATION}.", "Nothing is wrong.")
    context.close()


def test_a_verification_can_be_cancelled(page: Page, files: dict[str, Path]) -> None:
    """The page answers between two slices of a long export, and says how far it is."""
    files["export"].write_bytes(an_export(a_log(6000, registrations=())))
    page.evaluate(
        """() => {
            const { arrayBuffer } = Blob.prototype;
            let slices = 0;
            Blob.prototype.arrayBuffer = function () {
                if (++slices === 4) document.getElementById("cancel").click();
                return arrayBuffer.call(this);
            };
        }"""
    )
    verify(page, export=files["export"])
    expect(page.get_by_role("heading", name="Cancelled")).to_be_focused()
    expect(page.get_by_text("Nothing is said about this export.")).to_be_visible()
    expect(page.locator("#files")).to_be_enabled()


@pytest.mark.parametrize("lack", ["Ed25519", "scripts"])
def test_a_browser_that_lacks_something_is_told_what_to_do(browser: Browser, lack: str) -> None:
    context = browser.new_context(java_script_enabled=lack != "scripts")
    if lack == "Ed25519":
        context.add_init_script(
            "crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))"
        )
    page = context.new_page()
    open_page(page)
    expect(page.get_by_text("This browser cannot verify yet.")).to_be_visible()
    expect(page.get_by_label("Audit export")).to_be_disabled()
    context.close()

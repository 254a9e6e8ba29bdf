"""The customer's story in Japanese, as a browser asks for it: every step by the words that stand on the screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.server import Site, wrapped
from tests.examples import ADMINISTRATOR, PASSWORD


@pytest.mark.parametrize(
    ("javascript", "width"), [(True, 1280), (False, 360)], ids=["with JavaScript", "without, on a telephone"]
)
def test_sign_in_register_a_key_and_add_a_user(browser: Browser, site: Site, javascript: bool, width: int) -> None:
    """The words are written out here: a test that took them from the catalog would follow any mistake in it."""
    context = browser.new_context(
        locale="ja-JP", java_script_enabled=javascript, viewport={"width": width, "height": 740}
    )
    context.set_default_timeout(20_000)
    page = context.new_page()

    page.goto(site.address)
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    page.get_by_label("ログイン名").fill(ADMINISTRATOR)
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="サインイン", exact=True).click()

    page.get_by_role("group").filter(has_text="サインアウト").locator("summary").first.click()
    page.get_by_role("link", name="システム設定", exact=True).first.click()
    expect(page.get_by_role("heading", name="システム設定", exact=True)).to_be_visible()
    page.get_by_role("navigation").get_by_text("システム運用", exact=True).first.click()
    page.get_by_role("navigation").get_by_role("link", name="ライセンス", exact=True).click()
    expect(page.get_by_role("heading", name="ライセンス", exact=True)).to_be_visible()

    page.get_by_label("ライセンスキー", exact=True).fill(wrapped(site.key(licenses=3, ends_in=200)))
    page.get_by_role("button", name="ライセンスを登録", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("ライセンスキーを登録しました。")

    page.get_by_role("link", name="ユーザー", exact=True).first.click()
    expect(page.get_by_role("heading", name="ユーザー", exact=True)).to_be_visible()
    page.get_by_label("ログイン名", exact=True).fill("山田太郎")
    page.get_by_role("button", name="ユーザーを追加", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("「山田太郎」")

    page.goto(f"{site.address}/license")
    counts = page.locator(".counts")
    for label, number in (("有効", "3"), ("使用中", "2"), ("残り", "1")):
        expect(counts).to_contain_text(label)
        expect(counts.locator("div").filter(has_text=label).locator(".number").first).to_have_text(number)
    context.close()

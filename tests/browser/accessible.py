"""What can be measured of a page's accessibility; docs/accessibility.md says which rule asks for what."""

from __future__ import annotations

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe().axe_script

OF_APPEARANCE = ("color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block")
"""The rules of axe whose answer changes with colors and width; the others are asked once a screen."""

IN_FORCED_COLORS = ("target-size", "scrollable-region-focusable", "aria-hidden-focus", "label", "button-name")
"""Without contrast: Chromium tells scripts the colors of the sheet there, not those that it draws."""

STRUCTURE = """(language) => {
  const all = [...document.querySelectorAll("body *")];
  const shown = all.filter((element) => element.checkVisibility());
  const wrong = (elements) => elements.map((element) => element.outerHTML.slice(0, 120));
  const pictures = [...document.querySelectorAll("figure.picture > svg")];
  const fields = [...document.querySelectorAll("input[type=password], input[name=code]")];
  const help = document.querySelectorAll("footer a[href='/help']").length;
  const moves = (element) => {
    const { transitionDuration, animationDuration } = getComputedStyle(element);
    return /[1-9]/.test(transitionDuration + animationDuration);
  };
  return Object.entries({
    "language of the page": document.documentElement.lang === language ? [] : [document.documentElement.lang],
    "one heading of level 1": shown.filter((element) => element.matches("h1")).length === 1 ? [] : ["h1"],
    "one help, at the end": document.querySelector("nav.global") && help !== 1 ? [help] : [],
    "pictures without a table": wrong(pictures.filter((svg) => !svg.parentElement.querySelector("details table"))),
    "pictures without words": wrong(pictures.filter((svg) => !svg.querySelector("title + desc"))),
    "secrets that no password manager fills": wrong(fields.filter(
      (field) => !/^(current-password|new-password|one-time-code)$/.test(field.autocomplete))),
    "what is dragged": wrong(all.filter((element) => element.draggable && !element.matches("a, img"))),
    "what moves": wrong(shown.filter(moves)),
  }).filter(([, found]) => found.length);
}"""
"""What is wrong with the page's parts, under prefers-reduced-motion."""

FOCUS = """() => {
  const open = [...document.querySelectorAll("details.popup[open]")];
  const at = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const wrong = [];
  for (const element of document.querySelectorAll(at)) {
    if (!element.checkVisibility() || element.disabled || element.tabIndex < 0) continue;
    element.focus();
    element.dispatchEvent(new KeyboardEvent("keyup", { key: "Tab", bubbles: true }));
    const said = element.outerHTML.slice(0, 120);
    if (document.activeElement !== element) {
      wrong.push(["takes no focus", said]);
      continue;
    }
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    if (outlineStyle === "none" || parseFloat(outlineWidth) < 2) wrong.push(["has no ring", said]);
    const isSeen = [...element.getClientRects()].some((box) => [0.1, 0.5, 0.9].some((share) => {
      const place = document.elementFromPoint(box.left + box.width / 2, box.top + box.height * share);
      return place && (element.contains(place) || place.contains(element));
    }));
    if (!isSeen) wrong.push(["is covered", said]);
  }
  for (const details of open) details.open = true;
  return wrong;
}"""
"""What takes no focus, shows none, or is covered while it has it. Menus that closed on the way are opened again."""

SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
    p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
  const lost = [...document.querySelectorAll("main *, footer *, .top button, .top summary")].filter((element) => {
    if (!element.checkVisibility() || element.closest(".visually-hidden, .own-name, svg, .numbers")) return false;
    const box = element.getBoundingClientRect();
    const isCut = element.matches("button, .btn") && element.scrollWidth > element.clientWidth + 1;
    return box.width && (isCut || box.left < 0 || box.right > innerWidth + 0.5);
  });
  document.adoptedStyleSheets = [];
  return lost.map((element) => element.outerHTML.slice(0, 120));
}"""
"""What is cut or over the edge with the spacing of text that WCAG's 1.4.12 names; a table of numbers may scroll."""


def violations(page: Page, rules: Sequence[str] = ()) -> list[object]:  # object: axe's own words, shown as they are
    """What axe finds on the page as it appears now; axe is there.

    A menu that somebody opened covers what is below until it is closed: the size of that is not asked then.
    """
    is_open = page.locator("details.popup[open]").count() > 0
    options: dict[str, object] = {"resultTypes": ["violations"]}  # object: axe's options
    if rules:
        options["runOnly"] = {
            "type": "rule",
            "values": [rule for rule in rules if rule != "target-size" or not is_open],
        }
    else:
        options["rules"] = {"target-size": {"enabled": not is_open}}
    found: list[object] = page.evaluate("(options) => axe.run(options).then(({ violations }) => violations)", options)
    return found


def structure(page: Page, language: str) -> list[object]:  # object: a name and what was found, shown as they are
    found: list[object] = page.evaluate(STRUCTURE, language)
    return found


def focus(page: Page) -> list[object]:  # object: what is wrong, and with what; shown as they are
    page.keyboard.press("Tab")  # whoever uses a keyboard is shown where the focus is
    found: list[object] = page.evaluate(FOCUS)
    return found

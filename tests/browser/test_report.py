"""The report in a real browser: on a phone, in the dark, on paper, by the keyboard."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Tab

SERIES = [f"--series-{number}" for number in range(1, 7)]
TEXT = ["--ink", "--muted", "--accent", "--good", "--bad"]
CONTRAST = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const style = getComputedStyle(document.documentElement);
  const luminance = name => {
    canvas.fillStyle = style.getPropertyValue(name).trim();
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(value => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const surface = luminance('--surface');
  return Object.fromEntries(%s.map(name => {
    const [low, high] = [surface, luminance(name)].sort((a, b) => a - b);
    return [name, (high + 0.05) / (low + 0.05)];
  }));
})()
"""
FOCUSED = """
(() => {
  const element = document.activeElement, box = element.getBoundingClientRect();
  return {
    tag: element.tagName, text: element.textContent.trim().slice(0, 80), id: element.id,
    outline: getComputedStyle(element).outlineStyle, left: box.left, width: box.width,
  };
})()
"""


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_the_page_never_scrolls_sideways(tab: Tab, page: Path, width: int) -> None:
    tab.open(page, width=width)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert tab.evaluate("document.documentElement.scrollWidth") == width


def test_tables_scroll_in_their_own_box(tab: Tab, page: Path) -> None:
    tab.open(page, width=360)
    assert tab.evaluate(
        "[...document.querySelectorAll('.scroll')].some(box => box.scrollWidth > box.clientWidth)"
    )


@pytest.mark.parametrize("width", [360, 1000])
def test_every_word_of_a_picture_is_on_the_page_and_can_be_read(
    tab: Tab, page: Path, width: int
) -> None:
    tab.open(page, width=width)
    words: list[dict[str, Any]] = tab.evaluate(
        "[...document.querySelectorAll('svg text')].map(each => ({"
        "text: each.textContent, box: each.getBoundingClientRect().toJSON()}))"
        ".filter(each => each.box.width)"
    )
    assert len(words) > 20
    for word in words:
        assert word["box"]["left"] >= 0, word
        assert word["box"]["right"] <= width, word
        assert max(word["box"]["height"], word["box"]["width"]) >= 6, word


def test_each_picture_is_shown_once_at_the_width_that_fits(tab: Tab, page: Path) -> None:
    shown = (
        "[...document.querySelectorAll('figure')].map(figure => [...figure.querySelectorAll('svg')]"
        ".filter(svg => svg.getBoundingClientRect().width).length)"
    )
    for width in (390, 1000):
        tab.open(page, width=width)
        assert set(tab.evaluate(shown)) == {1}


def test_nothing_is_loaded_and_nothing_is_refused(tab: Tab, page: Path) -> None:
    tab.open(page)
    assert tab.requests == [page.as_uri()]
    assert tab.problems == []


@pytest.mark.parametrize("dark", [False, True])
def test_words_and_lines_stand_out_from_the_background(tab: Tab, page: Path, dark: bool) -> None:
    tab.open(page, dark=dark)
    background = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") is not dark
    # https://www.w3.org/TR/WCAG22/#contrast-minimum and #non-text-contrast
    assert min(tab.evaluate(CONTRAST % TEXT).values()) >= 4.5
    assert min(tab.evaluate(CONTRAST % SERIES).values()) >= 3


def test_series_are_told_apart_without_colour(tab: Tab, page: Path) -> None:
    tab.open(page)
    lines = tab.evaluate(
        "[...document.querySelectorAll('figure.half svg')].flatMap(svg => {"
        "const found = {};"
        "svg.querySelectorAll('path').forEach(path => {"
        "const style = path.getAttribute('style') || '';"
        "const series = style.match(/stroke: var\\((--series-\\d)\\)/);"
        "if (series && style.includes('fill: none'))"
        " found[series[1]] = (style.match(/stroke-dasharray: ([^;]+)/) || ['', 'solid'])[1];"
        "});"
        "const values = Object.values(found);"
        "return values.length > 1 ? [new Set(values).size == values.length] : [];})"
    )
    assert all(lines)


def test_the_keyboard_reaches_everything(tab: Tab, page: Path) -> None:
    tab.open(page)
    tab.press("Tab")
    skip = tab.evaluate(FOCUSED)
    assert skip["text"] == "Skip to the sections"
    assert skip["left"] >= 0
    tab.press("Enter")
    assert tab.evaluate(FOCUSED)["id"] == "main"
    seen = set()
    for _ in range(80):
        tab.press("Tab")
        focused = tab.evaluate(FOCUSED)
        if focused["tag"] == "BODY":
            break
        assert focused["outline"] == "solid", focused
        seen.add(focused["tag"])
        if focused["tag"] == "SUMMARY":
            tab.press("Enter")
            assert tab.evaluate("document.activeElement.parentElement.open"), focused
    assert {"SUMMARY", "DIV"} <= seen


def test_links_lead_to_the_sections(tab: Tab, page: Path) -> None:
    tab.open(page)
    assert tab.evaluate(
        "[...document.querySelectorAll('nav a')].every("
        "link => document.querySelector(link.getAttribute('href') + ':is(h2)'))"
    )


def test_every_picture_has_a_name_for_those_who_do_not_see_it(tab: Tab, page: Path) -> None:
    tab.open(page)
    tab.call("Accessibility.enable")
    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    names = [
        node["name"]["value"]
        for node in nodes
        if node.get("role", {}).get("value") in ("image", "img") and not node["ignored"]
    ]
    assert len(names) >= 3
    assert all(names)


def test_paper_is_white_and_has_no_navigation(tab: Tab, page: Path) -> None:
    tab.open(page, dark=True, print_=True, width=700)
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert tab.evaluate("document.documentElement.scrollWidth") == 700
    pdf = tab.pdf()
    assert pdf.startswith(b"%PDF")
    assert 2 <= pdf.count(b"/Type /Page\n") <= 12

"""What a policymaker opens, opened in a browser: nothing fetched, nothing wrong, everything readable."""

from __future__ import annotations

import base64
import html
import io
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from fontTools.ttLib import TTFont

PAGES = ("report", "compare", "brief")
SERIOUS = {"serious", "critical"}


@pytest.fixture(params=PAGES)
def opened(request: pytest.FixtureRequest, pages: dict[str, Path], chromium: Any) -> Any:
    """A page opened from disk, with the requests and complaints it made."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(pages[request.param].as_uri())
    page.evaluate("document.fonts.ready")
    yield request.param, page, asked, said
    page.close()


def test_a_page_asks_nothing_of_the_network_and_complains_of_nothing(opened: Any) -> None:
    _, _, asked, said = opened
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []


def test_no_serious_barrier(opened: Any) -> None:
    name, page, _, _ = opened
    found = Axe().run(page).response["violations"]
    bad = [f"{item['id']}: {item['nodes'][0]['html'][:120]}" for item in found if item["impact"] in SERIOUS]
    assert bad == [], f"{name}: {bad}"


def test_chinese_is_drawn_with_the_pages_own_font(opened: Any) -> None:
    _, page, _, _ = opened
    faces = page.evaluate("[...document.fonts].map(face => [face.family.replaceAll('\"', ''), face.status])")
    assert ["Noto Sans CJK SC", "loaded"] in faces


@pytest.mark.parametrize("name", PAGES)
def test_the_embedded_font_has_every_chinese_glyph_of_the_page(pages: dict[str, Path], name: str) -> None:
    text = pages[name].read_text(encoding="utf-8")
    data = re.search(r"font/woff;base64,([^)]+)\)", text)
    assert data
    font = TTFont(io.BytesIO(base64.b64decode(data[1])))
    wanted = {ord(letter) for letter in html.unescape(text) if ord(letter) > 0x2E80}
    assert len(wanted) > 100
    assert wanted <= set(font.getBestCmap())


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_the_switch_shows_one_language_or_both(pages: dict[str, Path], chromium: Any, language: str) -> None:
    page = chromium.new_page()
    page.goto(pages["report"].as_uri())
    page.click(f"button[value={language}]")
    shown = {
        code: page.evaluate(f"[...document.querySelectorAll('h2 .{code}')].filter(e => e.offsetWidth > 0).length")
        for code in ("zh", "en")
    }
    page.close()
    assert (shown["zh"] > 0) == (language != "en")
    assert (shown["en"] > 0) == (language != "zh")


@pytest.mark.parametrize("name", ["report", "compare"])
def test_figures_are_not_blank(pages: dict[str, Path], chromium: Any, name: str) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(pages[name].as_uri())
    drawn = page.evaluate(
        """[...document.querySelectorAll('.plot > svg')].map(svg => {
        const box = svg.getBoundingClientRect();
        return [svg.getAttribute('aria-label'), box.width * box.height, svg.querySelectorAll('path, text').length] })"""
    )
    page.close()
    assert len(drawn) >= 4
    for label, area, marks in drawn:
        assert area > 50_000, label
        assert marks > 10, label


def test_the_brief_is_one_page_of_a4(pages: dict[str, Path], chromium: Any) -> None:
    page = chromium.new_page()
    page.goto(pages["brief"].as_uri())
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    page.close()
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page>") + printed.count(b"/Type /Page ") == 1

from __future__ import annotations

import base64
import re
import warnings
from io import BytesIO
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from fontTools.ttLib import TTFont

from pingliang.analysis.fonts import FAMILY, FONT_FILE, drawn, missing_glyphs, use_fonts, webfont_css
from pingliang.analysis.fonts.build import written


def test_the_font_draws_every_character_the_repository_writes(root: Path) -> None:
    lacking = {path.relative_to(root).as_posix(): missing_glyphs(text) for path, text in written(root).items()}
    assert {path: chars for path, chars in lacking.items() if chars} == {}, (
        "run python -m pingliang.analysis.fonts.build"
    )


def test_chinese_names_are_drawn_without_a_missing_glyph(root: Path) -> None:
    use_fonts()
    text = "".join(text for path, text in written(root / "config").items())
    text += "".join(text for path, text in written(root).items() if "config" in path.parts)
    names = sorted(char for char in drawn(text) if ord(char) >= 0x2E80)
    assert {"崆", "峒", "泾"} <= set(names)
    figure, axes = plt.subplots(figsize=(12, 12))
    axes.set_axis_off()
    for row in range(0, len(names), 60):
        axes.text(0, 1 - row / max(len(names), 1), "".join(names[row : row + 60]), fontsize=6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for kind in ("png", "svg", "pdf"):
            figure.savefig(BytesIO(), format=kind)
    plt.close(figure)


def test_a_missing_glyph_fails(root: Path) -> None:
    use_fonts()
    figure = plt.figure()
    figure.text(0.1, 0.1, "\U00020000")
    with pytest.raises(UserWarning, match="Glyph"):
        figure.savefig(BytesIO(), format="png")
    plt.close(figure)
    assert missing_glyphs("泾川\U00020000\n") == ["\U00020000"]


def test_the_figure_has_the_same_bytes_twice() -> None:
    use_fonts()
    files = []
    for _ in range(2):
        figure, axes = plt.subplots()
        axes.set_title("平凉九大产业链 $5 −1")
        axes.plot([-1, 2])
        target = BytesIO()
        figure.savefig(target, format="svg", metadata={"Date": None})
        plt.close(figure)
        files.append(target.getvalue())
    assert files[0] == files[1]
    assert "平凉九大产业链 $5" in files[0].decode("utf-8")


def test_the_page_font_carries_exactly_the_characters_of_the_page() -> None:
    css = webfont_css("<p>平凉 &#23762;\n</p>")
    found = re.search(r"url\(data:font/woff;base64,([^)]+)\)", css)
    assert found
    font = TTFont(BytesIO(base64.b64decode(found[1])))
    assert font.flavor == "woff"
    assert {chr(code) for code in font.getBestCmap()} == set("平凉峒 <p>/&#23762;")
    assert css == webfont_css("<p>平凉 &#23762;\n</p>")
    assert css.count("url(") == 1


def test_the_font_names_its_family_and_licence() -> None:
    with TTFont(FONT_FILE) as font:
        assert font["name"].getDebugName(1) == FAMILY
        assert "SIL Open Font License" in font["name"].getDebugName(13)
    assert "SIL OPEN FONT LICENSE" in FONT_FILE.with_name("OFL.txt").read_text()
    assert FONT_FILE.stat().st_size < 2e6

"""Chinese text in figures and pages: the font subset that ships, and how matplotlib and HTML come to use it.

``NotoSansCJKsc-subset.otf`` is Noto Sans CJK SC Regular (SIL Open Font License, ``OFL.txt``) cut to GB 2312 plus every
character this repository writes; ``build.py`` makes it.
"""

import base64
import html
import unicodedata
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib import font_manager

FONT_FILE = Path(__file__).with_name("NotoSansCJKsc-subset.otf")
FAMILY = "Noto Sans CJK SC"
FALLBACKS = ["DejaVu Sans", FAMILY]


def drawn(text: str) -> set[str]:
    """Return the characters of a text that leave ink or space, without control and format characters."""
    return {char for char in set(text) if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}}


@cache
def _register() -> None:
    """Tell matplotlib once where the subset lies, ahead of a copy the machine may have."""
    font_manager.fontManager.addfont(FONT_FILE)
    entries = font_manager.fontManager.ttflist
    # A figure must look the same on every machine, so only our own cut answers to the family name.
    (ours,) = {entry for entry in entries if Path(entry.fname) == FONT_FILE}
    entries[:] = [entry for entry in entries if entry.name != FAMILY]
    # One weight ships; a bold title takes it too, rather than have matplotlib complain each time.
    entries += [ours, replace(ours, weight="bold")]


def use_fonts() -> None:
    """Set matplotlib so that every figure shows Chinese and comes out byte for byte the same.

    Draws without a screen, keeps SVG text as text, embeds outlines in PDF and reads ``$`` as a plain sign.
    """
    _register()
    mpl.use("Agg")
    mpl.rcParams.update(
        {
            "font.family": FALLBACKS,
            "svg.fonttype": "none",
            "svg.hashsalt": "pingliang",
            "pdf.fonttype": 3,
            "text.parse_math": False,
            "axes.unicode_minus": True,
        }
    )


@cache
def _covered(path: Path) -> frozenset[int]:
    """Return the code points one font file can draw."""
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def missing_glyphs(text: str) -> list[str]:
    """Return the characters of a text that neither DejaVu Sans nor the subset can draw, in order of code point."""
    dejavu = Path(font_manager.findfont("DejaVu Sans"))
    covered = _covered(dejavu) | _covered(FONT_FILE)
    return sorted(char for char in drawn(text) if ord(char) not in covered)


def cut(font: TTFont, characters: set[str], *, flavor: str | None = None, ours: bool = False) -> bytes:
    """Cut a font to some characters; the same input gives the same bytes.

    A font not yet ``ours`` also loses its hints and has each glyph's outline written out whole, so that cutting it
    again for a page need not follow which outlines are made of shared pieces, which takes ten times as long.
    """
    options = subset.Options()
    options.hinting = ours
    options.desubroutinize = not ours
    options.layout_features = ["kern"]
    options.name_IDs = ["*"]
    options.name_languages = [0x409]
    options.notdef_outline = True
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx", "DSIG"]
    if ours:
        outlines: Any = font["CFF "]
        outlines.closure_glyphs = lambda _: None  # no outline borrows from another glyph
        outlines.prune_post_subset = lambda *_: True  # nor from a shared piece that could be dropped
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(characters)))
    cutter.subset(font)
    font.flavor = flavor
    target = BytesIO()
    font.save(target)
    return target.getvalue()


def webfont_css(text: str) -> str:
    """Return an ``@font-face`` rule that carries exactly the characters of a finished page.

    Parameters
    ----------
    text : str
        The page as it will be written; entities such as ``&#23762;`` count as the characters they stand for.

    Returns
    -------
    str
        One CSS rule for the family ``Noto Sans CJK SC``, the font inside as base64 WOFF: no request leaves the page.
    """
    characters = drawn(text + html.unescape(text))
    # Outlines are only taken over: measuring each glyph again would cost half the time and change nothing drawn.
    with TTFont(FONT_FILE, recalcTimestamp=False, recalcBBoxes=False, lazy=True) as font:
        # WOFF, not WOFF2: a tenth larger, but packed in a tenth of a second where WOFF2 takes one.
        data = base64.b64encode(cut(font, characters, flavor="woff", ours=True)).decode("ascii")
    return (
        f"@font-face{{font-family:'{FAMILY}';font-style:normal;font-weight:400;font-display:block;"
        f"src:url(data:font/woff;base64,{data}) format('woff');}}"
    )

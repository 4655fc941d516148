"""Build the font subset that ships: ``python -m pingliang.analysis.fonts.build [TEXT ...]``.

Needs Noto Sans CJK once (Debian: ``apt-get install fonts-noto-cjk``); running the model and its report does not.
Run it again when ``tests/analysis/test_fonts.py`` names a character the subset lacks.
"""

import sys
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont

from . import FAMILY, FONT_FILE, cut, drawn

COLLECTION = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
ROOT = Path(__file__).resolve().parents[2]
SIGNS = "·–—‘’“”…‰′″€←↑→↓↔⇒−×÷±≈≠≤≥∞∑√²³½℃①②③④⑤⑥⑦⑧⑨⑩■□▲△▼▽◆◇○●★☆✓✔✗"


def gb2312() -> set[str]:
    """Return the 7 445 characters of GB 2312, the everyday Chinese set."""
    characters: set[str] = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            characters.update(bytes((row, cell)).decode("gb2312", errors="ignore"))
    return characters


def written(root: Path) -> dict[Path, str]:
    """Return the text of every data, code and document file of the repository."""
    files = list(root.glob("*.*"))
    for folder in ("config", "chains", "agents", "runs", "analysis", "app", "docs", "tests"):
        files += (root / folder).rglob("*.*")
    kinds = {".yaml", ".py", ".md", ".html", ".css", ".js"}
    return {path: path.read_text(encoding="utf-8") for path in sorted(files) if path.suffix in kinds and path.is_file()}


def read_family(path: Path, family: str) -> TTFont:
    """Take one family's face out of a font collection."""
    for face in TTCollection(path, lazy=True).fonts:
        if face["name"].getDebugName(1) == family:
            face.recalcTimestamp = False
            return face
    raise SystemExit(f"{path} has no face named {family}")


def main(texts: list[str]) -> None:
    """Cut Noto Sans CJK SC to the characters wanted and write it beside this file."""
    if not COLLECTION.exists():
        raise SystemExit(f"{COLLECTION} is missing; install the Debian package fonts-noto-cjk")
    wanted = gb2312() | set("".join(written(ROOT).values())) | set(SIGNS) | {chr(code) for code in range(0x20, 0x180)}
    for text in texts:
        wanted.update(Path(text).read_text(encoding="utf-8"))
    font = read_family(COLLECTION, FAMILY)
    FONT_FILE.write_bytes(cut(font, drawn("".join(wanted))))
    print(f"{FONT_FILE.name}: {FONT_FILE.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Pieces of the report page: words in two languages, figures with their CSV, tables, sections."""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template

import pandas as pd
from matplotlib.figure import Figure

from .fonts import webfont_css
from .style import to_svg

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Words:
    """One thing said in Chinese and in English."""

    zh: str
    en: str

    @property
    def html(self) -> str:
        """Both languages, of which the page shows the one chosen."""
        zh, en = html.escape(self.zh), html.escape(self.en)
        if zh == en:
            return zh
        return f'<span class="zh" lang="zh-CN">{zh}</span><span class="en" lang="en">{en}</span>'

    @property
    def label(self) -> str:
        """Both languages in an attribute."""
        return html.escape(f"{self.zh} / {self.en}", quote=True)


@dataclass(frozen=True)
class Cell:
    """A table cell: ready text, with its class (n for numbers, yes for a target reached)."""

    text: str | Words
    kind: str = ""


Content = str | Words | Cell


def paragraph(words: Words) -> str:
    """Write a paragraph."""
    return f"<p>{words.html}</p>"


def section(key: str, title: Words, *parts: str) -> str:
    """Write a section with its heading; ``key`` is what the contents link to."""
    return f'<section id="{key}">\n<h2>{title.html}</h2>\n' + "\n".join(parts) + "\n</section>"


def folded(summary: Words, *parts: str) -> str:
    """Write something most readers skip, behind a line that opens it."""
    return f"<details><summary>{summary.html}</summary>\n" + "\n".join(parts) + "\n</details>"


def table(caption: Words, head: Sequence[Content], rows: Sequence[Sequence[Content]]) -> str:
    """Write a table whose first column names the rows."""
    # The head of a column of numbers stands above their right end.
    kinds = ["n" if isinstance(item, Cell) and "n" in item.kind.split() else "" for item in rows[0]] if rows else []
    first = "".join(
        _cell(Cell(item, kind) if kind and not isinstance(item, Cell) else item, "th", ' scope="col"')
        for item, kind in zip(head, kinds or [""] * len(head), strict=True)
    )
    body = "\n".join(
        "<tr>" + _cell(row[0], "th", ' scope="row"') + "".join(_cell(item, "td") for item in row[1:]) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{caption.label}"><table>'
        f"<caption>{caption.html}</caption>\n<thead><tr>{first}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def heads(*texts: str) -> list[Content]:
    """Name columns, each written as ``Chinese|English``."""
    return [Words(*text.split("|")) for text in texts]


def _cell(item: Content, tag: str, more: str = "") -> str:
    cell = item if isinstance(item, Cell) else Cell(item)
    text = cell.text.html if isinstance(cell.text, Words) else html.escape(cell.text)
    kind = f' class="{cell.kind}"' if cell.kind else ""
    return f"<{tag}{more}{kind}>{text}</{tag}>"


class Figures:
    """Writes each figure and its numbers beside the page and returns what the page shows of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.waiting: dict[str, Callable[[], Figure]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def show(
        self,
        key: str,
        plot: Callable[[], Figure],
        frame: pd.DataFrame,
        caption: Words,
        alt: Words,
        *,
        wide: bool = False,
    ) -> str:
        """Place a figure, drawn later by :meth:`drawn`, with its caption and the numbers behind it."""
        self.waiting[key] = plot
        kind = ' class="wide"' if wide else ""
        return (
            f'<figure{kind}><div class="plot" role="region" tabindex="0" aria-label="{alt.label}">'
            f'<svg role="img" aria-label="{alt.label}" data-figure="{key}"></div>\n'
            f"<figcaption>{caption.html} {self.csv(key, frame)}</figcaption></figure>"
        )

    def drawn(self, body: str) -> str:
        """Draw the figures that wait, on two cores where there are two, and put them into the page's body."""
        shares = list(self.waiting)[::2], list(self.waiting)[1::2]
        helper = os.fork() if hasattr(os, "fork") and (os.cpu_count() or 1) > 1 else None
        if helper == 0:
            # The copy of this process draws its share into files and leaves at once, closing nothing of its parent's.
            failed = True
            with suppress(BaseException):
                self._draw(shares[1])
                failed = False
            os._exit(failed)
        try:
            self._draw(shares[0])
        finally:
            failed = helper is None or os.waitpid(helper, 0)[1] != 0
        if failed:
            self._draw(shares[1])  # here an error says what is wrong
        for key in self.waiting:
            svg = (self.folder / f"{key}.svg").read_text(encoding="utf-8")
            body = body.replace(f' data-figure="{key}">', svg.removeprefix("<svg"), 1)
        return body

    def _draw(self, keys: Sequence[str]) -> None:
        for key in keys:
            (self.folder / f"{key}.svg").write_text(to_svg(self.waiting[key](), key), encoding="utf-8")

    def csv(self, key: str, frame: pd.DataFrame) -> str:
        """Write a table as CSV and link the copy inside the page, so that a page sent alone still carries it."""
        # The mark at the start lets spreadsheets read Chinese.
        text = "\ufeff" + frame.to_csv(index=False, float_format="%.10g", lineterminator="\n")
        (self.folder / f"{key}.csv").write_text(text, encoding="utf-8", newline="")
        data = base64.b64encode(text.encode("utf-8")).decode("ascii")
        words = Words(f"下载数据 {key}.csv", f"Download {key}.csv")
        address = f"data:text/csv;charset=utf-8;base64,{data}"
        return f'<a class="download" download="{key}.csv" href="{address}">{words.html}</a>'


def page(title: Words, question: Words, contents: Sequence[tuple[str, Words]], body: str, footer: str) -> str:
    """Join the parts to one self-contained page that carries exactly the glyphs it shows."""
    links = "\n".join(f'<a href="#{key}">{words.html}</a>' for key, words in contents)
    filled = {
        "title_zh": html.escape(title.zh, quote=True),
        "title_en": html.escape(title.en, quote=True),
        "title": title.html,
        "question": question.html,
        "contents": links,
        "body": body,
        "footer": footer,
        "style": _template("report.css"),
        "script": _template("report.js"),
    }
    template = Template(_template("report.html"))
    font = webfont_css(template.substitute(filled, font=""))
    return template.substitute(filled, font=font)


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8").strip()


def write_whole(path: Path, text: str) -> Path:
    """Write a page whole or not at all."""
    part = path.with_suffix(".tmp")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
    return path

"""Write the report: one HTML file that opens by double click and asks nothing of the network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx

from . import evidence, people_sections, sections
from .page import Figures, Words, page
from .results import Results

if TYPE_CHECKING:
    from ..config.loader import Config

CONTENTS = [
    ("headline", Words("结果", "Results")),
    ("differences", Words("与基准相比", "Differences")),
    ("fans", Words("路径", "Paths")),
    ("gaps", Words("差距", "Gaps")),
    ("supply", Words("供应链", "Supply")),
    ("jobs", Words("岗位", "Jobs")),
    ("who", Words("谁得到就业", "Who works")),
    ("urbanisation", Words("城镇化", "Urbanisation")),
    ("validation", Words("检验", "Validation")),
    ("coverage", Words("覆盖", "Coverage")),
    ("tables", Words("目标表", "Targets")),
    ("provenance", Words("来源与局限", "Sources and limits")),
]


def write_report(
    results_path: str | Path, *, config: Config | None = None, graph: nx.MultiDiGraph | None = None
) -> Path:
    """Write ``report.html`` and ``figures/`` into a result set from its stored tables only.

    Parameters
    ----------
    results_path : folder ``results/<name>-<hash8>/``.
    config : labels, targets, observed figures; default: the packaged configuration.
    graph : supply graph of the base year; default: built from the configuration.

    Returns
    -------
    Path of the report.

    Raises
    ------
    IncompleteResults
        When runs are missing.
    """
    run = Results(results_path, config)
    figures = Figures(run.path / "figures")
    body = "\n".join(
        [
            sections.headline_section(run, figures),
            sections.difference_section(run, figures),
            sections.fan_section(run, figures),
            sections.gap_section(run, figures),
            sections.supply_section(run, figures, _base_graph(run) if graph is None else graph),
            sections.job_section(run, figures),
            people_sections.who_section(run, figures),
            sections.urban_section(run, figures),
            evidence.validation_section(run, figures),
            evidence.coverage_section(run, figures),
            evidence.targets_section(run, figures),
            evidence.provenance_section(run, figures),
        ]
    )
    body = figures.drawn(body)
    manifest = run.manifest
    written = page(
        Words(manifest["title"]["zh"], manifest["title"]["en"]),
        Words(manifest["question"]["zh"], manifest["question"]["en"]),
        CONTENTS,
        body,
        Words("平凉市九大产业链主体模拟", "Agent-based simulator of the nine industry chains of Pingliang").html,
    )
    return _write(run.path / "report.html", written)


def _base_graph(run: Results) -> nx.MultiDiGraph:
    from ..chains.graph import build_graph

    return build_graph(run.config)


def _write(path: Path, text: str) -> Path:
    """Write whole or not at all."""
    part = path.with_suffix(".tmp")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
    return path

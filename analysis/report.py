"""Write the report: one HTML file that opens by double click and asks nothing of the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
import pandas as pd

from . import (
    bottlenecks,
    chiefs,
    evidence,
    farm_section,
    firm_sizes,
    labour_section,
    local_share,
    people_sections,
    public_money,
    sections,
    supply_section,
)
from .brief import write_brief
from .comparison import Comparison
from .forms import form_section
from .page import Figures, Words, page, write_whole
from .results import Results

if TYPE_CHECKING:
    from ..config.loader import Config

CONTENTS = [
    ("headline", Words("结果", "Results")),
    ("differences", Words("与基准相比", "Differences")),
    ("forms", Words("设定并列", "Forms")),
    ("fans", Words("路径", "Paths")),
    ("gaps", Words("差距", "Gaps")),
    ("supply", Words("供应链", "Supply")),
    ("losses", Words("制约", "Losses")),
    ("paths", Words("价格库存", "Prices, stocks")),
    ("local", Words("本地配套", "Local share")),
    ("firm_sizes", Words("企业", "Firms")),
    ("farms", Words("农事", "Farms")),
    ("jobs", Words("岗位", "Jobs")),
    ("who", Words("谁得到就业", "Who works")),
    ("people", Words("人口劳动", "People, work")),
    ("urbanisation", Words("城镇化", "Urbanisation")),
    ("money", Words("财政债务", "Budgets")),
    ("chiefs", Words("链长", "Chain chiefs")),
    ("validation", Words("检验", "Validation")),
    ("coverage", Words("覆盖", "Coverage")),
    ("tables", Words("目标表", "Targets")),
    ("provenance", Words("来源与局限", "Sources and limits")),
]


def write_report(
    results_path: str | Path,
    *,
    config: Config | None = None,
    graph: nx.MultiDiGraph | None = None,
    sizes: pd.DataFrame | None = None,
) -> Path:
    """Write ``report.html``, ``figures/`` and the brief into a result set, from its stored tables only.

    Parameters
    ----------
    results_path : folder ``results/<name>-<hash8>/``.
    config : labels, targets, observed figures; default: the packaged configuration.
    graph : supply graph of the base year; default: built from the configuration.
    sizes : firms the runs began with (`firm_sizes.size_table`); default: drawn again from the configuration.

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
    if graph is None:
        graph = _base_graph(run)
    body = "\n".join(
        [
            sections.headline_section(run, figures),
            sections.difference_section(run, figures),
            form_section(run, figures),
            sections.fan_section(run, figures),
            sections.gap_section(run, figures),
            supply_section.supply_section(run, figures, graph),
            bottlenecks.loss_section(run, figures),
            bottlenecks.path_section(run, figures, graph),
            local_share.local_section(run, figures),
            firm_sizes.size_section(run, figures, graph, firm_sizes.first_sizes(run) if sizes is None else sizes),
            farm_section.farm_section(run, figures),
            sections.job_section(run, figures),
            people_sections.who_section(run, figures),
            labour_section.labour_section(run, figures),
            sections.urban_section(run, figures),
            public_money.money_section(run, figures),
            chiefs.chief_section(run, figures),
            evidence.validation_section(run, figures),
            evidence.coverage_section(run, figures),
            evidence.targets_section(run, figures),
            evidence.provenance_section(run, figures),
        ]
    )
    body = figures.drawn(body)
    if len(run.scenarios) > 1:
        write_brief(Comparison([Results(run.path, run.config, most=None)]), run.path / "brief.zh.html")
    manifest = run.manifest
    written = page(
        Words(manifest["title"]["zh"], manifest["title"]["en"]),
        Words(manifest["question"]["zh"], manifest["question"]["en"]),
        [(key, words) for key, words in CONTENTS if f'<section id="{key}">' in body],
        body,
        Words("平凉市九大产业链主体模拟", "Agent-based simulator of the nine industry chains of Pingliang").html,
    )
    return write_whole(run.path / "report.html", written)


def _base_graph(run: Results) -> nx.MultiDiGraph:
    from ..chains.graph import build_graph

    return build_graph(run.config)

"""What a shock costs each chain under each form of what a missing input stops, the forms side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from .page import Cell, Content, Figures, Words, paragraph, section, table
from .results import records

if TYPE_CHECKING:
    from .results import Results

FORMS = {
    "leontief": Words("全部投入不可替代（里昂惕夫）", "every input stops output (Leontief)"),
    "critical": Words("仅关键投入不可替代", "critical inputs stop it"),
    "half_critical": Words("重要投入减半", "important inputs halve it"),
    "linear": Words("投入可相互替代（线性）", "inputs replace each other (linear)"),
}
MEASURES = {
    "output_2020": Words("产出（2020年价）", "output at prices of 2020"),
    "value_added": Words("增加值（当年价）", "value added at current prices"),
}


def form_pairs(run: Results) -> list[tuple[str, str, str]]:
    """Scenarios of one form that differ by policies alone: (form, without, with), in the order of `FORMS`."""
    scenarios: list[dict[str, Any]] = run.manifest["scenarios"]
    found = []
    for form in FORMS:
        mine = [item for item in scenarios if (item.get("forms") or {}).get("criticality") == form]
        plain = [item for item in mine if not item["policies"]]
        found += [(form, plain[0]["name"], item["name"]) for item in mine if plain and item["policies"]]
    return found


def form_table(run: Results) -> pd.DataFrame:
    """Change that the policies or shocks make under each form, by chain.

    Returns
    -------
    DataFrame with measure, chain ("" for all), form, scenario, pairs, mean (CNY over the years run, mean of the
    pairs with the same random numbers) and relative (to the same form without).
    """
    names = sorted({name for _, *pair in form_pairs(run) for name in pair})
    rows = []
    for measure in MEASURES:
        sums = run.totals(measure, names)
        every = sums.groupby(["scenario", "replicate"], as_index=False)["value"].sum().assign(chain="")
        wide = pd.concat([every, sums]).pivot(index=["chain", "replicate"], columns="scenario", values="value")
        for form, without, struck in form_pairs(run):
            pair = wide[[without, struck]].dropna()
            by_chain = pair.assign(change=pair[struck] - pair[without]).groupby("chain", sort=False)
            for chain, group in by_chain:
                mean, base = float(group["change"].mean()), float(group[without].mean())
                relative = mean / base if base else float("nan")
                rows.append((measure, chain, form, struck, len(group), mean, relative))
    return pd.DataFrame(rows, columns=["measure", "chain", "form", "scenario", "pairs", "mean", "relative"])


def form_section(run: Results, figures: Figures) -> str:
    """Tables of the forms side by side; nothing where the experiment compares no forms."""
    if len({form for form, *_ in form_pairs(run)}) < 2:
        return ""
    found = form_table(run)
    forms = [form for form in FORMS if form in set(found["form"])]
    chains = {"": Words("合计", "all chains")} | {
        name: Words(item.name.zh, item.name.en) for name, item in run.config.chains.items()
    }
    parts = []
    for measure, words in MEASURES.items():
        mine = found[found["measure"] == measure].set_index(["chain", "form"])
        rows: list[list[Content]] = []
        for chain, name in chains.items():
            cells: list[Content] = [name]
            for form in forms:
                row = next(records(mine.loc[[(chain, form)]])) if (chain, form) in mine.index else None
                cells.append(Cell(f"{row.mean / 1e8:+.2f} ({row.relative:+.2%})" if row else "", "n"))
            rows.append(cells)
        title = Words(f"{words.zh}的变化，亿元（百分比）", f"change of {words.en}, 1e8 CNY (per cent)")
        parts.append(table(title, [Words("产业链", "chain"), *(FORMS[form] for form in forms)], rows))
    years = f"{run.years[0]}–{run.years[-1]}"
    note = Words(
        f"每种设定下，有冲击的情景减去同一设定、同一随机数、没有冲击的情景，{years}年合计。",
        f"Under each form, the scenario with the shock less the one of the same form and random numbers without, "
        f"sums of {years}.",
    )
    return section(
        "forms",
        Words("缺少投入时能否停产：各种设定并列", "What a missing input stops: the forms side by side"),
        paragraph(note), *parts, figures.csv("forms", found),
    )  # fmt: skip

"""Who the firms are at the base: how many stand for each stage and county, and how large they are."""

from __future__ import annotations

import numpy as np

from ..chains.base import Base
from ..config.loader import Config
from ..config.schema import County
from .randomness import Streams, child_key, name_key


def firm_columns(config: Config, base: Base, *, scale: float, streams: Streams) -> dict[str, np.ndarray]:
    """Decide how many firms stand for each stage and county and how large they are.

    Named anchors stand for themselves at every scale, with nothing yet where a dated project is to build them.  The
    others number ``max(minimum, round(scale x real))`` per occupied cell; sizes are lognormal (heavy-tailed) and
    rescaled so that each cell sums exactly to the base.
    """
    index, rules = base.index, config.parameters.firms
    parts: list[tuple[np.ndarray, ...]] = []
    for s, key in enumerate(index.stages):
        item = index.stage[key]
        if item.agent != "firm":
            continue
        cell = base.output[s] * base.county_share[s]
        named = np.zeros(len(index.counties))
        for i, firm in enumerate(item.anchors):
            at = index.county_code(firm.county)
            size = min(firm.share.amount * float(base.output[s]), float(cell[at] - named[at]))
            if size > 0 or firm.project is not None:
                named[at] += size
                parts.append(tuple(np.array([value]) for value in (s, at, i, size)))
        real = item.firms.amount if item.firms else 1.0
        for c in np.flatnonzero(cell - named > 1e-9 * base.output[s]):
            present = float(real * base.county_share[s, c])
            count = max(int(rules.minimum_per_cell.amount), round(scale * present))
            count = max(1, min(count, round(present)))
            cell_key = np.full(count, name_key("firm-size", key, index.counties[c]), dtype=np.uint64)
            code = child_key(cell_key, 0, np.arange(count))
            sizes = np.exp(rules.size_dispersion.amount * streams.normal("firms.size", code, 0))
            share = (cell - named)[c] * sizes / sizes.sum()
            parts.append((np.full(count, s), np.full(count, c), np.full(count, -1), share))
    stage, county, anchor, output = (np.concatenate(column) for column in zip(*parts, strict=True))
    columns: dict[str, np.ndarray] = {"base_output": output}
    for name, codes in (("stage", stage), ("county", county), ("anchor", anchor)):
        columns[name] = codes.astype(np.int32)
    columns["key"] = _firm_keys(index.stages, index.counties, columns, streams)
    return columns


def _firm_keys(
    stages: list[str], counties: list[County], columns: dict[str, np.ndarray], streams: Streams
) -> np.ndarray:
    """Keys from the names of stage and county and the rank in the cell: reordering either changes none."""
    cell = columns["stage"].astype(np.int64) * len(counties) + columns["county"]
    order = np.argsort(cell, kind="stable")
    first = np.r_[True, cell[order][1:] != cell[order][:-1]]
    place = np.arange(len(cell))
    rank = np.empty(len(cell), dtype=np.int64)
    rank[order] = place - np.maximum.accumulate(np.where(first, place, 0))
    names = np.array(
        [name_key(f"{stages[s]}/{counties[c]}") for s, c in zip(columns["stage"], columns["county"], strict=True)],
        dtype=np.uint64,
    )
    return child_key(names, 0, rank)

"""Order and display names change no bit; one source value moves base, matrix, graph and ledger."""

import dataclasses

import numpy as np
import pytest

from pingliang.chains.base import build_base
from pingliang.chains.graph import build_graph
from pingliang.chains.ledgers import base_ledger
from pingliang.config.loader import load

ARRAYS = [
    "price", "output", "value_added", "labour", "tax", "depreciation", "surplus", "use", "final", "import_share",
    "exports", "county_share", "jobs", "capital", "capacity",
]  # fmt: skip


def reverse(data):
    """Turn every mapping round; lists keep their order, which has a meaning."""
    if isinstance(data, dict):
        return {key: reverse(data[key]) for key in reversed(list(data))}
    return [reverse(item) for item in data] if isinstance(data, list) else data


def rename(data):
    """Change every display name, colour and place in tables."""
    if not isinstance(data, dict):
        return [rename(item) for item in data] if isinstance(data, list) else data
    changed = {key: rename(value) for key, value in data.items()}
    if set(data) == {"zh", "en"}:
        return {"zh": data["zh"] + "改", "en": "renamed " + data["en"]}
    if "order" in data:
        changed["order"] = 100 - data["order"]
    return changed


def test_all_arrays_are_compared(base):
    fields = {field.name for field in dataclasses.fields(base)} - {"index", "residual", "notes"}
    assert fields == set(ARRAYS)


@pytest.mark.parametrize("change", [reverse, rename])
def test_order_and_names_change_no_bit(base, ledger, folder, rewrite, change):
    for path in [*sorted((folder / "chains").glob("*.yaml")), *sorted(folder.glob("*.yaml"))]:
        rewrite(path.relative_to(folder).as_posix(), change)
    other = build_base(load(folder))
    assert other.index.stages == base.index.stages
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(other, name), getattr(base, name), err_msg=name)
    np.testing.assert_array_equal(base_ledger(other).output, ledger.output)


def test_one_source_value_moves_base_matrix_graph_and_ledger(config, base, ledger, folder, rewrite):
    def dearer(data):
        data["products"]["fresh_apple"]["price"]["value"] *= 1.05
        return data

    rewrite("chains/apple.yaml", dearer)
    changed = load(folder)
    other = build_base(changed)
    orchard, apple = base.index.stage_code("apple_orchard"), base.index.chains.index("apple")
    assert other.output[orchard] == pytest.approx(1.05 * base.output[orchard])
    assert not np.array_equal(other.use[:, orchard], base.use[:, orchard])
    edge = "apple_orchard", "outside", "fresh_apple"
    assert build_graph(changed, other).edges[edge]["flow"] > build_graph(config, base).edges[edge]["flow"]
    assert base_ledger(other).output[apple] > ledger.output[apple]
    assert other.value_added.sum() == pytest.approx(base.value_added.sum(), rel=1e-12)

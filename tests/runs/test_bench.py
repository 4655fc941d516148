"""The benchmark: what it counts as held, and that its phases and parts belong together."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from pingliang.agents.columns import Table
from pingliang.runs.bench import _bytes_of, measure


def test_bytes_count_spare_room_and_shared_arrays_once() -> None:
    room = np.zeros(100)
    table = Table({"cash": ("f8", 0)}, capacity=10)
    held = sum(array.nbytes for array in table._data.values()) + table._alive.nbytes
    assert sum(_bytes_of([[room[:10], {"same": room[5:]}], table])) == 800 + held
    assert _bytes_of([SimpleNamespace(foreign=room)]) == []  # what others keep is not the model's


def test_phases_and_parts_of_a_measurement_belong_together() -> None:
    found = measure(0.001, 1)
    peaks = found["peak_mib_by_phase"]
    assert list(peaks) == ["compile", "build", "run"]
    assert peaks["compile"] <= peaks["build"] <= peaks["run"] == found["peak_mib"]
    assert 0 < found["draw_cpu_s"] <= found["build_cpu_s"]
    assert "draw_links" not in found["seconds_by_step"]
    slots = found["links"] * 3 * 8 / 2**20  # slot, seller and share of each link alone
    assert slots < found["firm_side_mib"] < found["peak_mib"]

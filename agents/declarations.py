"""Decides what an attribute of a columnar agent may hold: its type, default, meaning and unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Column:
    """One attribute of every agent of a type.

    Parameters
    ----------
    dtype
        numpy type; small ones (int8, int16, int32, float32) save memory at one row per resident.
    default
        Value of a new row that does not say otherwise; also what a removed row falls back to, so that sums over
        the raw column never count the departed. Money and goods therefore default to 0.
    description, unit
        Plain words for documentation and inspection.
    width
        0 for one number per agent; more for a row of numbers, such as one per activity: the column is then
        (rows, width).
    """

    dtype: npt.DTypeLike
    default: float | int | bool = 0
    description: str = ""
    unit: str = ""
    width: int = 0

    def cells(self, rows: int) -> npt.NDArray[Any]:
        """Return unfilled storage for so many rows."""
        return np.empty((rows, self.width) if self.width else rows, dtype=self.dtype)


OWN_COLUMNS: Mapping[str, Column] = {
    "unique_id": Column(np.int64, 0, "Mesa's id, ascending with the row; never feeds a random draw"),
    "key": Column(np.uint64, 0, "identity that feeds every random draw, independent of row order"),
    "weight": Column(np.float64, 1.0, "how many real persons, farms or firms the row stands for", "count"),
}
FIXED_COLUMNS = ("unique_id", "key")


def check_declaration(columns: Mapping[str, Column], references: Mapping[str, str]) -> None:
    """Refuse names that are taken or unusable, and references that cannot hold a row number or none."""
    for name in columns:
        if name in OWN_COLUMNS or not name.isidentifier() or name.startswith("_"):
            raise ValueError(f"column '{name}': choose a plain name other than {', '.join(OWN_COLUMNS)}")
    for name in references:
        if name not in columns or np.dtype(columns[name].dtype).kind != "i" or columns[name].default != -1:
            raise ValueError(f"reference '{name}' must be a declared column of a signed integer type with default -1")


def fitting(name: str, target: npt.NDArray[Any], values: Any, rows: int | None = None) -> npt.NDArray[Any]:
    """Return values as an array the column `target` can hold without loss of meaning."""
    array, dtype = np.asarray(values), target.dtype
    if rows is not None and array.shape not in ((), (rows, *target.shape[1:])):
        raise ValueError(f"column '{name}': expected {(rows, *target.shape[1:])} values, got {array.shape}")
    if array.dtype.kind in "iub" and dtype.kind in "iu" and array.size and not np.can_cast(array.dtype, dtype):
        limits = np.iinfo(dtype)
        if int(array.min()) < limits.min or int(array.max()) > limits.max:
            raise OverflowError(f"column '{name}' ({dtype}) cannot hold {int(array.min())} … {int(array.max())}")
    elif array.size and not np.can_cast(array.dtype, dtype, "same_kind"):
        raise TypeError(f"column '{name}' holds {dtype}, got {array.dtype}; convert (and round) deliberately")
    return array

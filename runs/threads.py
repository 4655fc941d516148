"""How many numerical threads a process may use: one, so that workers do not fight for the cores."""

from __future__ import annotations

import os

THREAD_VARIABLES = (
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


def use_one_thread() -> None:
    """Give this process and the workers it starts one numerical thread each.

    Read once by numba and BLAS at their import, so it must come before numpy's. A value the user has set
    stays.
    """
    for name in THREAD_VARIABLES:
        os.environ.setdefault(name, "1")


def usable_cores() -> int:
    """Count the cores this process may use: the default number of workers."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

"""Calendar months written YYYY-MM: how many, and which one comes N later."""

from __future__ import annotations


def month_index(month: str) -> int:
    """Number a month so that the difference of two numbers is the months between them."""
    year, number = month.split("-")
    return int(year) * 12 + int(number) - 1


def month_name(index: int) -> str:
    """Write a month number as YYYY-MM."""
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def count_months(start: str, end: str) -> int:
    """Count the steps from the first month to the last, both included."""
    return month_index(end) - month_index(start) + 1


def last_month(start: str, months: int) -> str:
    """Name the last of ``months`` steps that begin with ``start``."""
    return month_name(month_index(start) + months - 1)

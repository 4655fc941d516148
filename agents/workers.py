"""Workers: one row per person with ties to the city, children and retired included."""

from __future__ import annotations

from typing import ClassVar

from .agentset import ColumnarAgent, ColumnarAgentSet

RURAL, TOWN, OUTSIDE = 0, 1, 2
MALE, FEMALE = 0, 1
PRIMARY_SCHOOL, JUNIOR, SENIOR, TERTIARY = 0, 1, 2, 3

COLUMNS: dict[str, tuple[str, float]] = {
    "age": ("f8", 0), "sex": ("i1", 0), "county": ("i1", 0), "place": ("i1", 0), "hukou_urban": ("i1", 0),
    "permit": ("i1", 0), "education": ("i1", 0), "skill": ("f8", 0), "skill_stage": ("i2", -1),
    "household": ("i4", -1), "farm": ("i4", -1), "employer": ("i4", -1), "industry": ("i1", -1), "wage": ("f8", 0),
    "months_unemployed": ("i2", 0), "day_wages": ("f8", 0), "participates": ("i1", 0), "cash": ("f8", 0),
    "debt": ("f8", 0), "income": ("f8", 0),
    "wage_income": ("f8", 0), "mixed_income": ("f8", 0), "dividend_income": ("f8", 0), "transfer_income": ("f8", 0),
    "remittance_income": ("f8", 0), "interest_income": ("f8", 0), "consumption": ("f8", 0), "housing": ("f8", 0),
    "founding": ("f8", 0), "rent_income": ("f8", 0), "rent_paid": ("f8", 0), "tenure": ("i1", 0),
    "returned": ("i2", -1),
}  # fmt: skip
INCOMES = (
    "wage_income", "mixed_income", "dividend_income", "transfer_income", "remittance_income", "interest_income",
    "rent_income",
)  # fmt: skip
SPENDING = ("consumption", "housing", "founding", "rent_paid")


class Worker(ColumnarAgent):
    """One person, a view of a row; ``weight`` persons stand behind it, money columns are CNY per person."""

    columns: ClassVar = COLUMNS
    references: ClassVar = {"employer": "Firm", "farm": "Farm"}


class WorkerSet(ColumnarAgentSet):
    """Everyone with ties to the city, by column."""

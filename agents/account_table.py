"""The table of all payments of a month: who pays whom, in whose books each side stands, and its name in the accounts.

Code (`accounts.py`) and page (docs/accounts.md) are both made from ``FLOWS``.  A row's two sides are read from
different books, so that a cell that is wrong on one side leaves the row open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HOUSEHOLDS, FARMS, FIRMS, BANK, COUNTIES, CITY, OUTSIDE = (
    "households", "farms", "firms", "bank", "counties", "city", "outside",
)  # fmt: skip
Account = Literal["current", "capital", "financial", "other changes"]
Buyer = Literal["producers", "households", "governments", "investors", "outside"]


@dataclass(frozen=True)
class Sector:
    """A column of the matrix, or for firms one column by chain; ``holds`` says whose balances are its position."""

    key: str
    zh: str
    en: str
    holds: str


SECTORS = (
    Sector("households_urban", "城镇住户", "urban households", "persons' `cash` less `debt`"),
    Sector("households_rural", "农村住户", "rural households", "persons' `cash` less `debt`"),
    Sector(FARMS, "农户和农场", "farms", "farms' `cash` less `debt`"),
    Sector(FIRMS, "企业（按产业链分列）", "firms, one column a chain", "firms' `cash` less `debt`"),
    Sector(BANK, "银行", "bank", "`bank.equity`"),
    Sector(COUNTIES, "县（市、区）政府", "county governments", "their accounts' `cash`"),
    Sector(CITY, "市政府", "city government", "its account's `cash`"),
    Sector(OUTSIDE, "市外", "outside", "`bank.outside_position`, negative"),
)


@dataclass(frozen=True)
class Entry:
    """One side of a row: which sector's books, what in them, and how it enters.

    ``names`` are columns of agents (``paid`` enters negative), flows of an account (``booked``, inflows positive, so
    that what goes out is negative already), what a sector sold to a kind of ``buyer``, or a ``rule`` of persons.
    """

    sector: str
    how: Literal["paid", "received", "booked out", "booked in", "sold", "rule"]
    names: tuple[str, ...] = ()
    buyer: Buyer | None = None


@dataclass(frozen=True)
class Flow:
    """A row of the matrix."""

    key: str
    zh: str
    en: str
    account: Account
    sna: str
    entries: tuple[Entry, ...]


def paid(sector: str, *columns: str) -> Entry:
    """Columns of agents that say what left their accounts."""
    return Entry(sector, "paid", columns)


def received(sector: str, *columns: str) -> Entry:
    """Columns of agents that say what came into their accounts."""
    return Entry(sector, "received", columns)


def out(sector: str, *flows: str) -> Entry:
    """Flows by name that leave the account of an institution."""
    return Entry(sector, "booked out", flows)


def into(sector: str, *flows: str) -> Entry:
    """Flows by name that come into the account of an institution."""
    return Entry(sector, "booked in", flows)


def sold(buyer: Buyer) -> tuple[Entry, ...]:
    """What firms, farms and outside got from a kind of buyer; outside sells nothing to itself."""
    sellers = (FIRMS, FARMS) if buyer == "outside" else (FIRMS, FARMS, OUTSIDE)
    return tuple(Entry(seller, "sold", buyer=buyer) for seller in sellers)


FLOWS = (
    Flow("inputs", "中间投入采购", "purchases of inputs", "current", "P.2",
         (paid(FIRMS, "purchases"), paid(FARMS, "purchases"), *sold("producers"))),
    Flow("consumption", "居民消费", "household consumption", "current", "P.31",
         (paid(HOUSEHOLDS, "consumption"), *sold("households"))),
    Flow("public_consumption", "政府消费", "government consumption", "current", "P.32",
         (out(COUNTIES, "consumption"), *sold("governments"))),
    Flow("exports", "货物和服务流出", "sales outside, tourists included", "current", "P.6",
         (out(OUTSIDE, "exports"), *sold("outside"))),
    Flow("labour", "劳动者报酬（含混合收入）", "wages, day wages, owners' own work and farm drawings", "current",
         "D.1, B.3",
         (paid(FIRMS, "wage_bill"), paid(FARMS, "drawings", "day_wages"),
          received(HOUSEHOLDS, "wage_income", "mixed_income"))),
    Flow("dividends", "本地业主的利润", "profit paid to owners in the city", "current", "D.42",
         (paid(FIRMS, "dividends"), received(HOUSEHOLDS, "dividend_income"))),
    Flow("outside_owners", "外来业主的利润", "profit and drawings of owners outside", "current", "D.42",
         (paid(FIRMS, "outside_dividends"), paid(FARMS, "outside_drawings"), into(OUTSIDE, "dividends"))),
    Flow("taxes", "生产税净额和企业所得税", "net taxes on production, and on profit", "current", "D.29, D.51",
         (paid(FIRMS, "tax"), paid(FARMS, "tax"), into(COUNTIES, "taxes"), into(OUTSIDE, "taxes"))),
    Flow("transfers", "上级转移支付和补贴", "transfers from above, and subsidies", "current", "D.73, D.39",
         (out(OUTSIDE, "transfers"), into(CITY, "transfers"), out(COUNTIES, "subsidies"), out(CITY, "subsidies"),
          received(FARMS, "subsidy"))),
    Flow("premiums", "保险净保费", "premiums that carry risk, paid by farms and counties", "current", "D.711",
         (paid(FARMS, "premiums"), out(COUNTIES, "premiums"), into(OUTSIDE, "premiums"))),
    Flow("indemnities", "保险赔款", "payouts of crop and price insurance", "current", "D.721",
         (received(FARMS, "indemnities"), out(OUTSIDE, "indemnities"))),
    Flow("to_counties", "市对县转移支付", "what the city passes to its counties", "current", "D.73",
         (out(CITY, "transfers to counties"), into(COUNTIES, "transfers", "transfers from the city"))),
    Flow("benefits", "社会保障待遇", "pensions and allowances", "current", "D.62",
         (out(COUNTIES, "benefits"), received(HOUSEHOLDS, "transfer_income"))),
    Flow("remittances", "外出务工者寄回", "money sent home by members elsewhere", "current", "D.752",
         (out(OUTSIDE, "remittances"), received(HOUSEHOLDS, "remittance_income"))),
    Flow("rents", "房租", "rents tenants pay to owners of dwellings and, for public flats, to the county", "current",
         "D.42, P.11",
         (paid(HOUSEHOLDS, "rent_paid"), received(HOUSEHOLDS, "rent_income"), into(COUNTIES, "rents"))),
    Flow("land_rents", "土地流转租金", "rents farms pay each other for land", "current", "D.45",
         (received(FARMS, "land_rent"),)),
    Flow("handed_over", "农户间转让存货", "crops in store that farms take over with land", "current", "P.5",
         (received(FARMS, "handed_over"),)),
    Flow("interest", "利息净额", "interest on loans less interest on deposits", "current", "D.41",
         (paid(FIRMS, "interest"), paid(FARMS, "interest"), received(HOUSEHOLDS, "interest_income"),
          into(COUNTIES, "interest"), into(CITY, "interest"), into(BANK, "interest margin"),
          out(OUTSIDE, "interest"))),
    Flow("bond_interest", "专项债利息", "interest on special bonds", "current", "D.41",
         (out(COUNTIES, "bond interest"), out(CITY, "bond interest"), into(OUTSIDE, "bond interest"))),
    Flow("bank_profit", "银行利润", "the bank's margin, paid to its owners", "current", "D.42",
         (out(BANK, "dividends"), into(OUTSIDE, "bank dividends"))),
    Flow("investment", "固定资本形成", "plant, dwellings and public works", "capital", "P.51",
         (paid(FIRMS, "investment"), paid(FARMS, "investment"), paid(HOUSEHOLDS, "housing"),
          out(COUNTIES, "works"), *sold("investors"))),
    Flow("estates", "无主遗产", "deposits left without heirs", "capital", "D.99",
         (Entry(HOUSEHOLDS, "rule", ("estates",)), into(COUNTIES, "estates"))),
    Flow("equity", "外来业主注资", "what owners outside bring for new plant", "financial", "F.5",
         (received(FIRMS, "equity"), out(OUTSIDE, "equity"))),
    Flow("founding", "创办人出资", "founders' own money for new firms", "financial", "F.5",
         (paid(HOUSEHOLDS, "founding"), received(FIRMS, "founding"))),
    Flow("write_offs", "坏账核销", "loans written off", "other changes", "K.5",
         (received(FIRMS, "written_off"), received(FARMS, "written_off"), out(BANK, "write-offs"))),
    Flow("unpaid_estates", "遗留债务", "debts left without heirs", "other changes", "K.5",
         (Entry(HOUSEHOLDS, "rule", ("unpaid_estates",)), out(BANK, "unpaid estates"))),
    Flow("reclassified", "住户类别变动", "households that became urban or rural, with what they have", "other changes",
         "K.61", (Entry(HOUSEHOLDS, "rule", ("reclassified",)),)),
)  # fmt: skip

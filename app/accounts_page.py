"""The page docs/accounts.md, made from the table of payments: what every row and column is and where it is read."""

from __future__ import annotations

from ..agents.account_table import FLOWS, SECTORS, Entry, Flow

HEAD = """\
# Accounts: who pays whom

Written by `make docs` from `agents/account_table.py`; change the table, not this page.

`pingliang accounts plan-2026 --scenario plan_as_written --scale 0.005 --months 24` runs a scenario and prints the
stock-flow matrix of its last twelve months and the balance sheet at their end (`--csv FILE` writes both).  In Python
`accounts = Accounts(model)` opens the books; after each `model.step()` the month's matrix is `accounts.months[-1]`.

Rows are payments, columns are sectors; receipts are positive, payments negative.  **Every row sums to 0; every column
sums to the change of the sector's net financial position**, read from its balances.  Nothing is set by difference:
payers and receivers are read from different books, so that a wrong cell leaves its row or column open.  The share of
gross turnover by which any is open is at most 1e-9 in every month (`tests/agents/test_accounts.py`).
"""

RULES = {
    "estates": "deposits of persons who died this month without a survivor in the household, negative",
    "unpaid_estates": "debts of the same persons",
    "reclassified": "`cash` less `debt` of households that are urban now and were rural a month ago, or the reverse",
}
OWNERS = {
    "households": "persons",
    "bank": "bank",
    "counties": "counties' accounts",
    "city": "city's account",
    "outside": "outside's account",
}
BUYERS = {
    "producers": "of inputs (trade round)",
    "households": "to households (final round)",
    "governments": "to governments (final round)",
    "investors": "to investors (final round)",
    "outside": "to buyers outside (final round)",
}

ROWS = (
    "## Rows",
    "",
    "Codes are those of the System of National Accounts 2008.  Names in code type are columns of agents, or names of",
    "flows in an institution's account.  Cells may change sign where money flows back (subsidies, net interest).",
    "",
    "| row | term | account | code | paid by | got by |",
    "|---|---|---|---|---|---|",
)
STOCKS = """\
## Balance sheet

| row | term | who holds it (+) | who owes it (-) |
|---|---|---|---|
| `deposits` | 存款 | persons, farms, firms, governments: `cash` | the bank: equity - loans - position outside |
| `loans` | 贷款 | the bank: what the others owe (it keeps no list of its own) | persons, farms, firms: `debt` |
| `bonds` | 专项债 | outside: what counties and the city owe on bonds | counties, city: their `debt` |
| `position_outside` | 对市外净头寸 | the bank: `outside_position` | outside |
| `capital`, `being_built` | 固定资本、在建 | firms `capital`, `pipeline`, farms `capital`, x price of investment | - |
| `goods` | 存货 | goods firms made and inputs they keep, at replacement cost; farms' store at the gate price | - |
| `animals` | 牲畜 | farms: herds by relative value x the finished animal's price | - |
| `net_worth` | 净值 | sum of the column | |

The bank's net financial position is its own account of `equity`, so the deposits row sums to 0 only if its books close.
Orchards, dwellings and public works are paid for under `investment` and are not carried as stocks.
"""

READING = """\
## How to read it

- **Firms' cells are net**: what a chain sold less what it paid under the same heading.
- **Who sold to whom.** Sellers' receipts are known by seller and buyers' bills by buyer.  For the split by kind of
  buyer every user of a product is taken to buy the same mix of its local sellers; totals of rows do not hang on it.
- **`inputs`** are purchases, not use: the rest goes into stock.  Imports stand in outside's column of each row.
- **`labour`** puts wages, the pay of owners who staff their firm themselves, and what farms draw for living in one row
  (劳动者报酬 includes mixed income in the Chinese accounts); the persons' column does not tell the last two apart.
- **Households are units**: urban where at least half of the members at home live in town.  Members elsewhere belong to
  the household they left, with their deposits; what they earn and spend outside is outside's.  Inheritance and the
  common purse stay inside a household.  The city's income statistics go by persons, so the columns differ from them.
- **`taxes`** are taxes on production less subsidies and the tax on profit; subsidies can make a chain's cell positive.
- **`interest`** is paid less received, without imputed bank services; the bank's margin leaves as `bank_profit`.
- **`equity`** raises the firm's deposits; shares are not valued, so no claim of outside stands against it.
"""

MULTIPLIERS = """\
## Local multipliers: static and as the model answers

`chains/multipliers.py` inverts the local part of the base year's matrix (what is bought outside is left out): **type
I** counts suppliers of suppliers, **type II** adds what residents spend of the wages, farm income and local owners'
profit earned on the way.  The inverse gives back the base year's output from its final demand, and type I value added
and the imports on the way sum to 1.  `leakage` splits each chain's inputs and value added: local share of inputs
(本地配套率), imports, taxes kept above the counties, profit of owners outside.  Stages that trade, pack or store count
the goods they handle among their inputs, which raises their share.

`runs/multiplier.py: compare_multipliers` runs the model twice with one seed, without and with more outside demand for
some stages, and divides the value added so won by the sales outside so won.  The answer is not the inverse's:

"""

COMPARED = """\
So compare value added at prices of 2020 (`value_added_2020`) for volume, and take several seeds: one pair of runs also
carries what small changes do to individual choices.
"""

WHY = (
    ("capacity, permits, seasons 产能", "output follows demand",
     "a stage at its limit sells no more, only dearer or to another buyer", "down in volume"),
    ("labour 劳动力", "jobs appear", "posts must be filled by people near by, perhaps from other work", "down"),
    ("imports 市外采购", "fixed shares", "buyers not served turn outside; cheap local stock replaces imports",
     "down when scarce, up when slack"),
    ("prices 价格", "fixed", "orders raise prices and outside then buys less; dearer sales count as value added",
     "up in current prices"),
    ("stocks 库存", "none", "sales come out of stock first, production follows", "down at first"),
    ("saving and lags 储蓄与时滞", "income is spent at once",
     "households spend out of smoothed income, firms keep reserves, farms draw over a year", "down at first"),
    ("investment 投资", "in neither type", "stages used above normal, and with profit, invest", "up"),
    ("owners and taxes 业主与税收", "fixed shares of value added",
     "profit after interest is paid out or kept; counties spend what they take", "either"),
)  # fmt: skip


def accounts_page() -> str:
    """The whole page, in Markdown."""
    columns = ["## Columns", "", "| column | term | sector | net financial position |", "|---|---|---|---|"]
    for sector in SECTORS:
        key = "firms_<chain>" if sector.key == "firms" else sector.key
        columns.append(f"| `{key}` | {sector.zh} | {sector.en} | {sector.holds} |")
    rows = [*ROWS, *(_row(flow) for flow in FLOWS)]
    why = ["| why | static | in the model | the model's multiplier |", "|---|---|---|---|"]
    why += [f"| {' | '.join(line)} |" for line in WHY]
    return "\n".join([HEAD, *columns, "", *rows, "", STOCKS, READING, MULTIPLIERS, *why, "", COMPARED]).rstrip() + "\n"


def _row(flow: Flow) -> str:
    """A line of the table of rows."""
    out = ("paid", "booked out")
    payers = "; ".join(_words(entry) for entry in flow.entries if entry.how in out)
    others = "; ".join(_words(entry) for entry in flow.entries if entry.how not in out)
    return f"| `{flow.key}` {flow.en} | {flow.zh} | {flow.account} | {flow.sna} | {payers} | {others} |"


def _words(entry: Entry) -> str:
    """Say where an entry is read."""
    owner = OWNERS.get(entry.sector, entry.sector)
    if entry.how == "sold":
        return f"{owner}: sales {BUYERS[str(entry.buyer)]}"
    if entry.how == "rule":
        return f"{owner}: {RULES[entry.names[0]]}"
    return f"{owner}: {', '.join(f'`{name}`' for name in entry.names)}"

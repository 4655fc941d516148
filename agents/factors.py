"""The words for what can hold output back; the same in every firm, farm, record and report."""

FACTORS = (
    "demand", "labour", "capital", "input", "finance", "permit", "water", "energy", "co2", "season", "land", "weather",
    "skill",
)  # fmt: skip
DEMAND, LABOUR, CAPITAL, INPUT, FINANCE, PERMIT, WATER, ENERGY, CO2, SEASON, LAND, WEATHER, SKILL = range(len(FACTORS))

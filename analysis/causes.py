"""How what held output back is drawn: a colour and a Chinese sign for each factor of `words.FACTORS`."""

from __future__ import annotations

# Want of buyers and the season are grey: they are no shortage. The others are Okabe-Ito, then petroff10.
CAUSE_COLOURS = {
    "demand": "#c9ced4", "season": "#e6e9ec", "labour": "#0072b2", "capital": "#d55e00", "input": "#009e73",
    "finance": "#cc79a7", "permit": "#f0e442", "water": "#56b4e9", "energy": "#a96b59", "co2": "#717581",
    "land": "#b9ac70", "weather": "#92dadd", "skill": "#832db6",
}  # fmt: skip
SIGNS = {
    "demand": "需", "season": "季", "labour": "劳", "capital": "产", "input": "投", "finance": "资", "permit": "许",
    "water": "水", "energy": "能", "co2": "碳", "land": "土", "weather": "灾", "skill": "技",
}  # fmt: skip
SLACK = ("demand", "season")

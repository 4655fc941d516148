"""What a scenario makes of the catalogue: which policies and shocks, how strong, from when to when, where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .schema import Policy, PolicyTarget, PolicyUse, Quantity

# Levers that can act on some firms, farms or persons only, by what they choose.
CHOOSES = {
    "size": (
        "capacity", "productivity", "closure", "orchard_renewal", "breeding_cows", "greenhouse_area", "herb_area",
    ),
    "schooling": ("training",),
    "registration": ("training",),
}  # fmt: skip
# Levers that act on a whole stage or product, or on the rules of the whole city.
CITY_WIDE = ("demand", "premium", "guarantee", "permit", "conversion", "denial", "price_fall", "demand_fall")


def policies_in_use(book: Mapping[str, Policy], uses: Sequence[PolicyUse]) -> dict[str, Policy]:
    """Policies of a scenario by key, as it uses them, in the order of keys; a policy used again is ``name@start``."""
    found: dict[str, Policy] = {}
    for use in uses:
        policy = changed(book[use.policy], use)
        found[use.policy if use.policy not in found else f"{use.policy}@{policy.start}"] = policy
    return {key: found[key] for key in sorted(found)}


def changed(policy: Policy, use: PolicyUse) -> Policy:
    """Give the policy the strength, dates and counties of its use; its costs grow with its intensity.

    Who says only when it starts moves all of it; plant opens as many months before the end as in the catalogue.
    """
    new = multiple(policy.intensity, use)
    update: dict[str, object] = {}
    for name in ("intensity", "cost", "recurrent_cost"):
        quantity = getattr(policy, name)
        if quantity is not None and new != 1:
            update[name] = quantity.model_copy(update={"value": quantity.value * new})
    update |= _dates(policy, use)
    narrower = {name: given for name in ("counties", *CHOOSES) if (given := getattr(use, name)) is not None}
    if narrower:
        update["target"] = policy.target.model_copy(update=narrower)
    return policy.model_copy(update=update)


def misplaced(target: PolicyTarget, lever: str) -> dict[str, str]:
    """What a target narrows that the lever cannot choose by: what is wrong, by field."""
    found = {
        name: f"{name} belongs to lever {' or '.join(levers)}, not to {lever}; leave it out"
        for name, levers in CHOOSES.items()
        if getattr(target, name) and lever not in levers
    }
    if target.counties and lever in CITY_WIDE:
        found["counties"] = f"lever {lever} acts on the whole city and cannot choose counties; leave them out"
    return found


def multiple(intensity: Quantity, use: PolicyUse) -> float:
    """How many times the catalogue's intensity a use means: weak and strong are the ends of its range."""
    low, high = intensity.range or (intensity.value, intensity.value)
    wanted = {"weak": low, "moderate": intensity.value, "strong": high}[use.strength]
    return use.times * (wanted / intensity.value if intensity.value else 1.0)


def _dates(policy: Policy, use: PolicyUse) -> dict[str, object]:
    start, end = use.start or policy.start, use.end or policy.end
    if use.start and not use.end and policy.end:
        end = _later(policy.end, _months(use.start) - _months(policy.start))
    opens = policy.opens
    if opens and end and policy.end:
        opens = max(start, _later(opens, _months(end) - _months(policy.end)))
    return {"start": start, "end": end, "opens": opens}


def _months(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:]) - 1


def _later(text: str, months: int) -> str:
    year, month = divmod(_months(text) + months, 12)
    return f"{year:04d}-{month + 1:02d}"

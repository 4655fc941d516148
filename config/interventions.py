"""What a scenario makes of the catalogue: which policies and shocks, how strong, from when to when, where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .schema import Policy, PolicyUse, Quantity


def policies_in_use(book: Mapping[str, Policy], uses: Sequence[PolicyUse]) -> dict[str, Policy]:
    """Policies of a scenario by key, as it uses them, in the order of keys; a policy used again is ``name@start``."""
    found: dict[str, Policy] = {}
    for use in uses:
        policy = changed(book[use.policy], use)
        found[use.policy if use.policy not in found else f"{use.policy}@{policy.start}"] = policy
    return {key: found[key] for key in sorted(found)}


def changed(policy: Policy, use: PolicyUse) -> Policy:
    """Give the policy the strength, dates and counties of its use; its costs grow with its intensity."""
    new = multiple(policy.intensity, use)
    update: dict[str, object] = {}
    for name in ("intensity", "cost", "recurrent_cost"):
        quantity = getattr(policy, name)
        if quantity is not None and new != 1:
            update[name] = quantity.model_copy(update={"value": quantity.value * new})
    update |= {name: value for name in ("start", "end") if (value := getattr(use, name)) is not None}
    if use.counties is not None:
        update["target"] = policy.target.model_copy(update={"counties": use.counties})
    return policy.model_copy(update=update)


def multiple(intensity: Quantity, use: PolicyUse) -> float:
    """How many times the catalogue's intensity a use means: weak and strong are the ends of its range."""
    low, high = intensity.range or (intensity.value, intensity.value)
    wanted = {"weak": low, "moderate": intensity.value, "strong": high}[use.strength]
    return use.times * (wanted / intensity.value if intensity.value else 1.0)

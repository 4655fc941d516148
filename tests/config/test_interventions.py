from __future__ import annotations

import pytest

from pingliang.config import loader
from pingliang.config.interventions import changed, policies_in_use
from pingliang.config.schema import PolicyUse


@pytest.fixture(scope="module")
def book():
    return loader.load().interventions


def test_a_name_alone_is_the_catalogues_policy(book):
    key = "skill_training"
    assert policies_in_use(book, [PolicyUse.model_validate(key)]) == {key: book[key]}
    assert PolicyUse.model_validate(key).model_dump(mode="json") == key


@pytest.mark.parametrize(("strength", "end"), [("weak", 0), ("strong", 1)])
def test_weak_and_strong_are_the_ends_of_the_range_and_cost_goes_with_them(book, strength, end):
    policy = book["skill_training"]
    new = changed(policy, PolicyUse(policy="skill_training", strength=strength))
    assert new.intensity.value == pytest.approx(policy.intensity.range[end])
    assert new.cost.value / policy.cost.value == pytest.approx(new.intensity.value / policy.intensity.value)


def test_a_start_alone_moves_the_whole_policy(book):
    policy = book["lingtai_power_plant"]
    new = changed(policy, PolicyUse(policy="lingtai_power_plant", start="2025-04"))
    assert new.start == "2025-04"
    assert int(new.end[:4]) == int(policy.end[:4]) + int(new.start[:4]) - int(policy.start[:4])


def test_a_policy_may_run_twice_at_other_times(book):
    uses = [PolicyUse(policy="skill_training"), PolicyUse(policy="skill_training", start="2030-01", times=2.0)]
    found = policies_in_use(book, uses)
    assert list(found) == ["skill_training", "skill_training@2030-01"]
    assert found["skill_training@2030-01"].intensity.value == 2 * book["skill_training"].intensity.value

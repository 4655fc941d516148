from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from pingliang.agents.policies import LEVERS
from pingliang.app import catalogue
from pingliang.app.cli import cli
from pingliang.config import loader


def call(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def test_every_lever_is_said_in_both_languages() -> None:
    assert set(catalogue.LEVERS) == set(LEVERS)
    assert all(zh and en for zh, en in catalogue.LEVERS.values())


def test_the_list_holds_every_policy_and_shock() -> None:
    text = call("policies").stdout
    for key in loader.load().interventions:
        assert key in text
    assert set(json.loads(call("policies", "--json").stdout)) == set(loader.load().interventions)


@pytest.mark.parametrize("key", ["beef_slaughter_lines", "slaughterhouse_closes"])
def test_show_says_what_moderate_means_who_pays_and_what_it_cannot_do(key: str) -> None:
    policy = loader.load().interventions[key]
    text = call("policies", "show", key).stdout
    assert f"{policy.intensity.value:,g} {policy.intensity.unit}" in text
    assert "适中  moderate" in text
    assert policy.cannot is None or policy.cannot.zh in text
    assert ("谁出钱" in text) == bool(policy.cost or policy.recurrent_cost)


def test_an_unknown_policy_names_the_nearest() -> None:
    done = call("policies", "show", "beef_slaughter_line")
    assert done.exit_code == 2
    assert "did you mean 'beef_slaughter_lines'" in done.stderr

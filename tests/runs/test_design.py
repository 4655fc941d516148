import numpy as np
import stand_in

from pingliang.runs.design import make_design, run_seed


def test_every_replicate_of_every_scenario_is_a_row_with_pairs_together():
    design = make_design(stand_in.experiment())
    assert design["run_id"].tolist()[:3] == ["baseline-0000", "faster-0000", "baseline-0001"]
    assert design["run_id"].is_unique
    assert len(design) == 6
    assert design["seed"].dtype == np.uint64


def test_common_random_numbers_pair_the_scenarios():
    design = make_design(stand_in.experiment())
    assert (design.groupby("replicate")["seed"].nunique() == 1).all()
    assert design["seed"].nunique() == 3


def test_seed_is_numpys_seed_sequence():
    expected = np.random.SeedSequence(2020, spawn_key=(0, 7)).generate_state(1, np.uint64)[0]
    assert run_seed(2020, crn=True, scenario="baseline", replicate=7) == int(expected)


def test_without_common_numbers_every_run_has_its_own_whatever_the_order_of_scenarios():
    loose = stand_in.experiment(seeds={"root": 2020, "crn": False})
    design = make_design(loose)
    assert design["seed"].nunique() == 6
    turned = make_design(loose.model_copy(update={"scenarios": loose.scenarios[::-1]}))
    assert dict(zip(design["run_id"], design["seed"], strict=True)) == dict(
        zip(turned["run_id"], turned["seed"], strict=True)
    )


def test_more_replicates_leave_the_first_ones_alone():
    few, many = make_design(stand_in.experiment()), make_design(stand_in.experiment(replicates={"n": 9}))
    assert many.head(len(few)).equals(few)

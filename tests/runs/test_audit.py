import math

import stand_in

from pingliang.runs.audit import books_close, largest_residuals


def test_the_largest_month_counts():
    assert largest_residuals(stand_in.resolved(), "faster", factory=stand_in.build) == {"persons": 0.0, "cash": 12e-12}


class Leaky(stand_in.StandIn):
    residuals = (0.0, -3e-9, 1e-9)

    def audit(self):
        return {"cash": self.residuals[len(self.recorder.rows) % 3]}


class Broken(Leaky):
    residuals = (0.0, math.nan, 1.0)


def test_size_counts_whatever_the_sign_and_what_is_no_number_stays():
    leaky = largest_residuals(stand_in.resolved(), factory=Leaky)
    assert leaky == {"cash": 3e-9}
    assert not books_close(leaky)
    broken = largest_residuals(stand_in.resolved(), factory=Broken)
    assert math.isnan(broken["cash"])
    assert not books_close(broken)


def test_books_nobody_looked_at_do_not_close():
    assert not books_close({})
    assert books_close({"cash": 1e-10})

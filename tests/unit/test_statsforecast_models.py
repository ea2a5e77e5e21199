"""What becomes of a series that the package statsforecast cannot fit; the package itself need not be there."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.statsforecast_models import UNFIT, _one

SALES = np.arange(20.0)


class Model:
    """What the package calls a model: it answers, or raises."""

    def __init__(self, answer: dict[str, np.ndarray] | type[Exception]) -> None:
        self.answer = answer

    def forecast(self, **_: object) -> dict[str, np.ndarray]:
        if isinstance(self.answer, dict):
            return self.answer
        raise self.answer("no fit")


@pytest.mark.parametrize("kind", UNFIT)
def test_a_series_that_cannot_be_fitted_is_none_and_not_quietly_a_mean(kind: type[Exception]) -> None:
    assert _one(Model(kind), SALES, 3) is None


def test_an_answer_that_is_no_number_is_no_fit() -> None:
    assert _one(Model({"mean": np.array([np.nan]), "hi-95": np.array([1.0])}), SALES, 1) is None


def test_the_width_of_an_interval_is_read_as_a_normal_one() -> None:
    mean, deviation = _one(Model({"mean": np.array([5.0]), "hi-95": np.array([5.0 + 1.959964])}), SALES, 1)
    assert (mean[0], deviation[0]) == (5.0, pytest.approx(1.0, abs=1e-6))


def test_any_other_fault_is_not_swallowed() -> None:
    with pytest.raises(KeyError):
        _one(Model(KeyError), SALES, 1)

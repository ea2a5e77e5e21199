"""One thread for small work: starting BLAS and OpenMP threads costs more than they give here.

On a busy machine the difference is tenfold, because the threads spin while they wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Given = ParamSpec("Given")
Result = TypeVar("Result")


def single_threaded(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Run a function with one thread in the pools of NumPy and SciPy."""

    @wraps(function)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        with _pools().limit(limits=1):
            return function(*args, **kwargs)

    return run


@cache
def _pools() -> ThreadpoolController:
    """Return the pools; looking for them takes milliseconds, so it is done once."""
    import scipy.linalg  # noqa: F401 - its BLAS must be loaded before the pools are looked for
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()

"""One thread for small work: starting BLAS and OpenMP threads costs more than they give here.

On a busy machine the difference is tenfold, because the threads spin while they wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

Given = ParamSpec("Given")
Result = TypeVar("Result")


def single_threaded(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Run a function with one thread in every native thread pool."""

    @wraps(function)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        with threadpool_limits(limits=1):
            return function(*args, **kwargs)

    return run

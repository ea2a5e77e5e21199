"""A task beside the others holds nothing up, is not begun twice, and its fault does not end the worker."""

from __future__ import annotations

import logging
import threading

import pytest

from app.worker import Task
from oms_core.kernel.errors import OmsError


def test_a_task_beside_runs_once_at_a_time() -> None:
    begun, may_end = [], threading.Event()

    def slow(_now: object) -> None:
        begun.append(1)
        may_end.wait(5)

    task = Task("slow", 0, slow, beside=True)
    task.run()
    task.run()
    may_end.set()
    task.finish()
    assert len(begun) == 1
    task.run()
    task.finish()
    assert len(begun) == 2


def test_a_fault_beside_is_logged_and_does_not_end_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(_now: object) -> None:
        raise OmsError("a.refusal", "The mail server is away.")

    def fail(_now: object) -> None:
        raise ValueError("a bug")

    with caplog.at_level(logging.WARNING):
        for act in (refuse, fail):
            task = Task(act.__name__, 0, act, beside=True)
            task.run()
            task.finish()
    assert "The mail server is away." in caplog.text
    assert "fail failed" in caplog.text

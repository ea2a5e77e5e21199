"""The worker: the one process that does things by itself. In a demo shop it also plays customers and carriers.

Everything it does is a command in a transaction of its own, and what is due follows from the
database: it may be killed at any moment and started again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from oms_core.kernel import clock
from oms_core.kernel.errors import OmsError

if TYPE_CHECKING:
    from app.workspace import Workspace

log = logging.getLogger("ordersight.worker")
LOCK = "worker.lock"
#: Seconds a task in a thread of its own may go on after the worker was told to stop.
STOP_SECONDS = 5.0


@dataclass
class Task:
    """Something to do every `seconds`; `act` receives the shop's time.

    With `beside` it is done in a thread of its own, so that a slow mail server or a long check holds nothing up;
    a turn that comes while the last one is still at work is left out.
    """

    name: str
    seconds: float
    act: Callable[[datetime], object]
    due: float = 0.0
    beside: bool = False
    _thread: threading.Thread | None = None

    def run(self) -> None:
        """Do it; a refusal is logged and tried again at the next turn."""
        if not self.beside:
            self._do()
        elif self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._do_beside, name=self.name, daemon=True)
            self._thread.start()
        self.due = time.monotonic() + self.seconds

    def _do(self) -> None:
        try:
            self.act(clock.now())
        except OmsError as error:
            log.warning("%s: %s", self.name, error.message)

    def _do_beside(self) -> None:
        try:
            self._do()
        except Exception as error:
            log.exception("%s failed", self.name, exc_info=error)

    def finish(self) -> None:
        """Wait a little for what is still at work; what it does is committed whole or not at all."""
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)


def run(workspace: Workspace, stop: threading.Event) -> None:
    """Work until `stop` is set.

    Raises
    ------
    Conflict
        ``worker.running`` when this home already has a worker.
    """
    from app.locks import only_one

    with only_one(workspace.home.path / LOCK, "worker.running", "This shop already has a worker."):
        tasks = tasks_of(workspace)
        log.info("working: %s", ", ".join(task.name for task in tasks))
        while not stop.is_set():
            for task in tasks:
                if task.due <= time.monotonic() and not stop.is_set():
                    task.run()
            stop.wait(max(0.05, min(task.due for task in tasks) - time.monotonic()))
        for task in tasks:
            task.finish()


def tasks_of(workspace: Workspace) -> list[Task]:
    """Return what this shop needs done: what time brings about, nightly jobs, and life in a demo."""
    from app.jobs import alerting, books, buying_mail, customer_mail, low_stock, reports, stock_keeping, trust, waiting

    nightly = Nightly(workspace, done_on=clock.business_date(clock.now(), workspace.shop.zone))
    tasks = [
        Task("review, holds, service windows", 2, lambda _now: waiting.look(workspace)),
        Task("reservations, promises, expired lots", 5, lambda _now: stock_keeping.look(workspace)),
        Task("ledger", 60, lambda _now: books.settle(workspace)),
        Task("reports", 5, lambda _now: reports.look(workspace), beside=True),
        Task("low stock", 10, lambda _now: low_stock.look(workspace)),
        Task("mail to suppliers", 5, lambda _now: buying_mail.look(workspace), beside=True),
        Task("mail to customers", 5, lambda _now: customer_mail.look(workspace), beside=True),
        Task("checks of the numbers", 30, lambda _now: trust.look(workspace), time.monotonic() + 60, beside=True),
        Task("alerts", 2, lambda _now: alerting.look(workspace), beside=True),
        Task("nightly jobs", 60, nightly.look, due=time.monotonic() + 60),
    ]
    if workspace.shop.kind == "demo":
        from app.demo.following import Following
        from app.demo.live import Customers
        from app.demo.marker import seed_of

        seed = seed_of(workspace)
        customers, following = Customers(workspace, seed), Following(workspace, seed)
        tasks += [
            Task("customers", 1, lambda now: customers.look(now, timedelta(seconds=1))),
            Task("warehouse, carriers, suppliers", 3, following.look),
            Task("orders that wait for goods", 60, following.serve_waiting),
        ]
    return tasks


@dataclass
class Nightly:
    """Runs the long jobs once after each business day of the shop."""

    workspace: Workspace
    done_on: date

    def look(self, now: datetime) -> None:
        """Run the jobs when the business day has changed."""
        today = clock.business_date(now, self.workspace.shop.zone)
        if today <= self.done_on:
            return
        from app.jobs import nightly

        nightly.run(self.workspace)
        self.done_on = today

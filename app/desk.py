"""What the desk reads from the shop's own database: work queues, one order whole, saved views, documents.

The list of orders comes from the replica (`app.data`); what a person acts on is read where it is acted on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from app import actions, data, sight

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

T = TypeVar("T")
#: The most orders of a queue that are listed at once; who has more to do narrows it by filters.
MOST_QUEUED = 20_000


def read(question: Callable[[Session], T]) -> T:
    """Ask the database in a reading transaction, as this reader may see it; errors are the caller's card's."""
    shown: T = sight.record_shown(read_as_kept(question))
    return shown


def read_as_kept(question: Callable[[Session], T]) -> T:
    """Ask the database for what is written back or is nobody's: nothing is masked."""
    with data.floor().workspace.reading() as session:
        return question(session)


def zone() -> str:
    """Return the shop's time zone, as every command wants it."""
    return data.shop().zone


def queue_counts() -> dict[str, int]:
    """Return how many things wait in each work queue."""
    return _queue_counts(data.watermark(), _minute())


@data.remembered(5)
def _queue_counts(mark: str, minute: str) -> dict[str, int]:
    del mark, minute
    from oms_core.review import queues

    return read(queues.counts)


def queue(name: str) -> list[dict[str, Any]]:
    """Return the things of a work queue, those that wait longest first (`oms_core.review.queues.in_queue`)."""
    return _queue(data.watermark(), _minute(), name)


@data.remembered(20)
def _queue(mark: str, minute: str, name: str) -> list[dict[str, Any]]:
    del mark, minute
    from oms_core.review import queues

    return read(lambda session: queues.in_queue(session, name, limit=MOST_QUEUED))


def _minute() -> str:
    return f"{data.moment()['now']:%H:%M}"


def saved_views() -> list[dict[str, Any]]:
    """Return the saved views of the list of orders this reader may open."""
    from oms_core.review.views import views_of

    return read(lambda session: views_of(session, page="orders", owner=actions.ACTOR))


def tags() -> list[str]:
    """Return the tags in use, the most used first."""
    return data.rows("order_tags")["tag"].to_list()


def order_name(number: str) -> str:
    """Return an order's number as people say it: ``#536415``, or ``OS-000421``, which says itself what it is."""
    return f"#{number}" if number.isdigit() else number

"""Saved views: kept, overwritten, shared, forgotten; on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.review.views import forget_view, save_view, views_of


@pytest.fixture
def session(engine):
    with Session(engine) as session:
        yield session


def test_a_view_is_kept_and_the_same_name_overwrites_it(session: Session) -> None:
    first = save_view(session, page="orders", name="  Big   ones ", query={"q": "total > 90"}, owner="ann")
    again = save_view(session, page="orders", name="Big ones", query={"q": "total > 99"}, owner="ann")
    assert first.id == again.id
    assert views_of(session, page="orders", owner="ann") == [
        {"id": first.id, "name": "Big ones", "owner": "ann", "is_shared": False, "query": {"q": "total > 99"}}
    ]


def test_a_private_view_is_its_owners_and_a_shared_one_everybodys(session: Session) -> None:
    save_view(session, page="orders", name="Mine", query={}, owner="ann")
    save_view(session, page="orders", name="Ours", query={}, owner="ann", shared=True)
    save_view(session, page="stock", name="Other page", query={}, owner="ann", shared=True)
    assert [view["name"] for view in views_of(session, page="orders", owner="bob")] == ["Ours"]
    assert [view["name"] for view in views_of(session, page="orders", owner="ann")] == ["Mine", "Ours"]


def test_only_the_owner_forgets_a_view(session: Session) -> None:
    view = save_view(session, page="orders", name="Ours", query={}, owner="ann", shared=True)
    with pytest.raises(Refused, match="is ann's"):
        forget_view(session, view.id, owner="bob")
    forget_view(session, view.id, owner="ann")
    assert views_of(session, page="orders", owner="ann") == []
    with pytest.raises(NotFound):
        forget_view(session, view.id, owner="ann")


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_view_needs_a_name(session: Session, name: str) -> None:
    with pytest.raises(InvalidInput):
        save_view(session, page="orders", name=name, query={}, owner="ann")

"""What the page shows of a segment's memory, from facts written by hand; and the sentences of reasons."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from customer_frames import TODAY, customer, facts_of

from app.i18n import speaking
from app.views.segment_memory import Memory, build, named, shared_figure
from oms_core.kernel.errors import DataNotReady
from segmentation import clusters
from segmentation.cluster_names import label
from segmentation.library import Library, Segment, builtin
from segmentation.membership import overlaps
from segmentation.reason_words import told
from segmentation.strategies import GROUPS, SEGMENTS, strategy_for

AGED = {"clause": "last_order_date < -90d", "subject": "last_order_date", "kind": "date", "was": "2010-09-01",
        "is": "2010-09-01"}  # fmt: skip
GREW = {"clause": "aov > 200", "subject": "aov", "kind": "money", "was": "180.00", "is": "240.00"}


def snapshot(n, members, **given):
    at = datetime(2010, 12, 1, tzinfo=UTC) + timedelta(days=n)
    row = {"at": at, "business_date": at.date(), "members": members, "entered_count": 0, "left_count": 0}
    return row | given


def test_a_memory_is_told_in_the_readers_language():
    memory = Memory(
        Segment("quiet", "aov > 200"),
        [snapshot(2, 7, entered_count=3, left_count=1), snapshot(1, 5)],
        [{"business_date": date(2010, 12, 3), "kind": "in", "name": "", "number": "C-1", "because": [GREW, AGED]}],
        [{"version": 1, "expression": "aov > 200"}],
    )
    with speaking("pl"):
        view = build(memory)
    assert view.answer == "3 gru: członków 7, przyszło 3, odeszło 1"
    assert list(view.growth.data[0].y) == [5, 7]
    assert view.moves.row(0)[1:3] == (["Dołączył"], "C-1")
    assert view.moves["because"][0].split("; ") == [
        "średnia wartość zamówienia: 180.00 → 240.00 (średnia wartość zamówienia: więcej niż 200)",
        "ostatnie zamówienie: 2010-09-01, a czas minął (ostatnie zamówienie: ponad 90 dni temu)",
    ]
    assert told(AGED) == "last order: 2010-09-01, and time went by (last order more than 90 days ago)"
    first = build(Memory(memory.segment, memory.snapshots[1:], memory.movements, []))
    assert first.answer == "2 Dec: 5 members in the first snapshot; who comes and goes is told from the next one on"
    assert first.moves.height == 0, "in a first snapshot everybody is new, which is no news"
    empty = build(Memory(memory.segment, [], [], []))
    assert (empty.growth, empty.moves.height) == (None, 0)


def test_what_segments_share_is_drawn_and_said():
    facts = facts_of([customer(1, country="PL"), customer(2, country="DE"), customer(3, country="US")])
    shelf = Library(builtin("GBP", "PL"))
    pairs = overlaps([shelf.find(name) for name in ("europe", "europe_abroad")], facts, shelf)
    figure, takeaway = shared_figure(
        pairs, ["europe", "europe_abroad"], {"europe": "Europe", "europe_abroad": "Abroad"}
    )
    assert takeaway == "100% of Abroad are in Europe too"
    assert [list(row) for row in figure.data[0].z] == [[1.0, 0.5], [1.0, 1.0]]
    assert named("in_europe = TRUE", list(shelf)).name == "europe"


def test_every_segment_and_group_has_a_strategy_in_both_languages():
    shipped = builtin("PLN", "PL")
    assert {s.name for s in shipped} == set(SEGMENTS)
    assert all(s.said(lang)["action"] for s in (*SEGMENTS.values(), *GROUPS.values()) for lang in ("en", "pl"))
    members = pl.DataFrame({"rfm_group": ["DORMANT", "LOYAL", "LOYAL"]})
    assert strategy_for(Segment("own", "aov > 1"), members) is GROUPS["LOYAL"]
    assert strategy_for(Segment("own", "aov > 1"), members.head(0)) is GROUPS["PROSPECTS"]
    assert SEGMENTS["high_aov"].said("de") == SEGMENTS["high_aov"].said("en")


def crowd():
    """Three plain kinds of customers: weekly, once a year ago, and every second month."""
    people = []
    for key in range(1, 181):
        days, orders, spent = ((5, 30, 90_000), (300, 1, 2_000), (40, 5, 20_000))[key % 3]
        last, jitter = TODAY - timedelta(days=days + key % 7), 1 + key % 11
        spent = spent * (20 + jitter) // 20
        people.append(customer(
            key, orders=orders, first_order_on=last - timedelta(days=(orders - 1) * (20 + jitter)), last_order_on=last,
            gross_minor=spent, aov_minor=spent // orders,
        ))  # fmt: skip
    return facts_of([*people, customer(900)]).customers


def test_clusters_find_the_kinds_are_frozen_and_named_by_a_customer():
    people = crowd()
    found = clusters.fit(people, TODAY, sizes=(3, 4), samples=2)
    assert found.stable
    again = clusters.Clusters.read(found.body())
    assert again == found
    assigned = again.assign(people, TODAY)
    assert assigned[-1] is None
    # the customers bought once are one cluster; those who come weekly are in none of theirs
    once, weekly = (set(assigned.filter(people["orders"].is_between(*span)).to_list()) for span in ((1, 1), (30, 40)))
    assert len(once) == 1
    assert not once & weekly
    assert all(medoid["number"].startswith("C-") for medoid in found.medoids)
    assert len(set(found.names)) == len(found.names)
    assert label("quiet-once-low", "pl") == "Cisi, jeden zakup, małe wydatki"
    # a customer keeps the cluster whoever else comes or goes
    assert again.assign(people.head(20), TODAY).to_list() == assigned.head(20).to_list()
    with pytest.raises(DataNotReady):
        clusters.fit(people.head(30), TODAY)

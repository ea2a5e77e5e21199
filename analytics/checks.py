"""Identities the numbers must keep, to the minor unit: on the Data health page and in `ordersight check`.

Those that compare facts with operational rows are SQL files in ``sql/checks``, each one row
``checked, difference``; those that compare answers with answers ask the registry like everyone else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from analytics import periods, sums
from analytics.ask import ask
from analytics.metrics import METRICS, splits
from analytics.warehouse import FOLDER
from oms_core.kernel.settings import Shop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analytics.replica import Replica

#: The line of a mart's header that names its key.
_KEY = re.compile(r"^-- key: +(.+)$", re.MULTILINE)
#: Metrics whose sum over each dimension must be the total.
_SUMMED = tuple(
    m for m in METRICS if m.additive and m.clock != "snapshot" and m.measures and m.measures[0].mart == "fct_sales"
)
#: Dimensions whose sums are not checked: groups handed in, and a row for every order there ever was.
_NOT_SUMMED = {"segment", "order"}


def run(replica: Replica, *, only: str = "") -> list[dict[str, Any]]:
    """Check every identity on a refreshed replica.

    Parameters
    ----------
    only : str
        Name of the one to check; all when empty.

    Returns
    -------
    list of dict
        ``name``, ``ok``, ``difference`` (minor units, units or rows; 0 when ok), ``checked`` (rows or values).
    """
    found = [*_keys(replica, only), *sums.differences(replica, only), *_against_source(replica, only)]
    if not (only and found):
        found += [one for one in _among_answers(replica, only) if only in {"", one[0]}]
    return [{"name": name, "ok": gap == 0, "difference": gap, "checked": checked} for name, checked, gap in found]


def prove(replica: Replica) -> list[dict[str, Any]]:
    """Verify the replica against its source and every identity on it, as laws of `ordersight check`.

    Returns
    -------
    list of dict
        ``name, checked, broken, first_broken``; an identity is broken once and says by how much.
    """
    laws = replica.verify()
    for found in run(replica):
        gap = found["difference"]
        laws.append(
            {
                "name": found["name"],
                "checked": found["checked"],
                "broken": int(not found["ok"]),
                "first_broken": f"differs by {gap}" if gap else None,
            }
        )
    return laws


def _keys(replica: Replica, only: str) -> Iterator[tuple[str, int, int]]:
    """Count what stands more than once in each mart under the key its file names: a join that fans out shows here."""
    for file in sorted((FOLDER / "marts").glob("*.sql")):
        named = _KEY.search(file.read_text(encoding="utf-8"))
        if named is None or only not in {"", f"numbers.key_of_{file.stem}"}:
            continue
        rows, keys = replica.frame(f"SELECT count(*), count(DISTINCT ROW({named[1]})) FROM {file.stem}").row(0)
        yield f"numbers.key_of_{file.stem}", rows, rows - keys


def _against_source(replica: Replica, only: str) -> Iterator[tuple[str, int, int]]:
    for file in sorted((FOLDER / "checks").glob("*.sql")):
        if only not in {"", f"numbers.{file.stem}"}:
            continue
        checked, difference = replica.frame(file.read_text(encoding="utf-8")).row(0)
        yield f"numbers.{file.stem}", checked or 0, difference or 0


def _among_answers(replica: Replica, only: str) -> Iterator[tuple[str, int, int]]:
    """Compare totals with their parts and with their sums over every dimension."""
    shop = Shop(zone=replica.frame("SELECT zone FROM raw.shop").item())
    slugs = [m.slug for m in _SUMMED]
    total = _totals(replica, shop, [*slugs, "net_sales", "total_sales", "orders", "aov"], ())
    net = total["gross_sales"] - total["discounts"] - total["returns"]
    yield "numbers.net_is_gross_less_discounts_less_returns", 1, total["net_sales"] - net
    parts = net + total["shipping"] + total["taxes"] + total["other_charges"]
    yield "numbers.total_is_net_plus_shipping_taxes_and_other", 1, total["total_sales"] - parts
    yield "numbers.aov_times_orders_is_gross_less_discounts", 1, _aov_gap(replica, shop)
    for name in dict.fromkeys(name for m in _SUMMED for name in splits(m.slug) if name not in _NOT_SUMMED):
        if only not in {"", f"numbers.sum_over_{name}_is_the_total"}:
            continue
        asked = [m.slug for m in _SUMMED if name in splits(m.slug) and (m.clock == "event" or name not in periods.TIME)]
        summed = _totals(replica, shop, asked, (name,))
        yield f"numbers.sum_over_{name}_is_the_total", len(asked), sum(abs(summed[s] - total[s]) for s in asked)


def _totals(replica: Replica, shop: Shop, slugs: Sequence[str], by: Sequence[str]) -> dict[str, int]:
    """Return each metric's sum over the rows of its answer."""
    frame = ask(replica, shop, slugs, by)
    return {slug: int(frame[slug].sum()) for slug in slugs}


def _aov_gap(replica: Replica, shop: Shop) -> int:
    """Return minor units beyond what rounding the average explains, over all currencies."""
    frame = ask(replica, shop, ["aov", "orders", "gross_sales", "discounts", "edited_sales"])
    gap = 0
    for row in frame.drop_nulls("aov").to_dicts():
        off = abs(row["aov"] * row["orders"] - row["gross_sales"] + row["discounts"] + row["edited_sales"])
        gap += max(0, off - row["orders"] // 2 - 1)
    return gap

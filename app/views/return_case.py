"""One case of the returns desk in a drawer: its facts, its goods, and what may be done next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from app import blocks, cases, data, desk, links, states
from app import format as fmt
from app.i18n import _, language
from app.views import case_actions, return_actions, return_settings

KEY = "case"
WIDTH = 700


def reason_words(code: str) -> str:
    """Return a reason of the shop's catalogue, or what a claim is about, in the reader's language."""
    from app.views.order_cases import CLAIMS
    from oms_core.returns.reasons import reasons

    if code in CLAIMS:
        return _(CLAIMS[code])
    known = desk.read(reasons).get(code)
    if known is None:
        return code.replace("_", " ")
    return known.label_pl if language() == "pl" else known.label_en


def show(opened: str) -> None:
    """Open the drawer of a case named ``kind:number``."""
    kind, _colon, number = opened.partition(":")
    titles = {
        "return": _("Return {number}"), "exchange": _("Exchange {number}"), "claim": _("Claim {number}"),
        "withdrawal": _("Withdrawal {number}"),
    }  # fmt: skip
    title = titles.get(kind, "{number}").format(number=number)

    @st.dialog(title, position="right", width=WIDTH, on_dismiss=_closed)
    def drawer() -> None:
        with blocks.guard("case"):
            case = cases.one(kind if kind in titles else "return", number)
            _head(case, kind)
            if kind == "return":
                return_actions.render(case)
            else:
                case_actions.render(case)
            _facts(case, kind)
            if case["goods"]:
                _goods(case["goods"])
            elif case["lines"]:
                _lines(case)

    drawer()


def _closed() -> None:
    links.close_detail(KEY)


def _head(case: Mapping[str, Any], kind: str) -> None:
    axis = {"return": "return_machine"}.get(kind, kind)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.badge(states.word(case["state"]), color=states.colour(axis, case["state"]))  # type: ignore[arg-type]
        if case["order"] and st.button(
            _("Order {number}").format(number=desk.order_name(case["order"])), type="tertiary",
            icon=":material/receipt_long:", key="case_order",
        ):  # fmt: skip
            links.close_detail(KEY)
            links.go("orders", view="all", order=case["order"])
        return_settings.customer_link(case)
        st.caption(case["customer"], width="content")


def _facts(case: Mapping[str, Any], kind: str) -> None:
    pairs = {
        "return": _return_facts, "exchange": _exchange_facts, "claim": _claim_facts, "withdrawal": _withdrawal_facts,
    }[kind](case)  # fmt: skip
    blocks.facts({name: value for name, value in pairs.items() if value})


def _return_facts(case: Mapping[str, Any]) -> dict[str, str]:
    owed = case["goods"]["owed_minor"]
    return {
        _("Reason"): reason_words(case["reason"]),
        _("Asked"): fmt.moment(case["requested_at"], desk.zone()),
        _("Arrived"): fmt.moment(case["received_at"], desk.zone()) if case["received_at"] else "",
        _("Value"): fmt.money(case["total_minor"], case["currency"]),
        _("Still owed"): fmt.money(owed, case["currency"]) if owed else "",
        _("The customer wishes"): return_actions.wish(case["wish"]),
        _("Goes back to"): case["goods"]["send_to"],
        _("Why this address"): return_settings.why(case["goods"]["send_to_why"]),
    }


def _exchange_facts(case: Mapping[str, Any]) -> dict[str, str]:
    money = {name: fmt.money(case[f"{name}_minor"], case["currency"]) for name in ("returned", "new", "difference")}
    goods = ", ".join(f"{line['quantity']} × {line['sku']}" for line in case["new_lines"])
    words = _("the customer pays {money}") if case["difference_minor"] > 0 else _("the customer gets {money}")
    gap = fmt.money(abs(case["difference_minor"]), case["currency"])
    return {
        _("Goes out"): goods,
        _("Comes back"): money["returned"],
        _("New goods"): money["new"],
        _("Difference"): words.format(money=gap) if case["difference_minor"] else _("none"),
        _("Sent first"): _("yes") if case["sends_first"] else "",
        _("Settled"): case["settlement"].replace("_", " "),
    }


def _claim_facts(case: Mapping[str, Any]) -> dict[str, str]:
    return {
        _("What happened"): reason_words(case["kind"]),
        _("In the customer's words"): case["description"],
        _("Decision"): case["decision"],
        _("The customer keeps the goods"): (_("yes") if case["keeps_item"] else _("no")) if case["decided_at"] else "",
        _("Settled"): case["resolution"].replace("_", " "),
        _("Value"): fmt.money(case["amount_minor"], case["currency"]) if case["amount_minor"] else "",
    }


def _withdrawal_facts(case: Mapping[str, Any]) -> dict[str, str]:
    from app.views.returns import deadline

    words, colour = deadline(case["refund_due_on"], data.place().today)
    due = f"{fmt.day(case['refund_due_on'], year=True)} :{colour}-badge[{words}]"
    return {
        _("Declared"): fmt.moment(case["declared_at"], desk.zone()),
        _("Acknowledged"): fmt.moment(case["acknowledged_at"], desk.zone()) if case["acknowledged_at"] else "",
        _("Right ends on"): fmt.day(case["period_ends_on"], year=True) if case["period_ends_on"] else "",
        _("Goods are due by"): fmt.day(case["send_back_by_on"], year=True),
        _("Refund is due by"): due if case["state"] != "settled" else fmt.day(case["refund_due_on"], year=True),
        _("Doubt"): case["doubt"].replace("_", " "),
        _("Decision"): case["decision"],
    }


def _goods(goods: Mapping[str, Any]) -> None:
    """Draw the lines of a return and the units that were counted, each with its decision."""
    st.markdown(f"**{_('Goods')}**")
    rows = [
        (
            f"{fmt.product(line['title'])} :gray[{line['sku']}]", int(line["quantity"]), int(line["received_qty"]),
            return_actions.disposition(line["disposition"]),
        )
        for line in goods["lines"]
    ]  # fmt: skip
    names = [_("Line"), _("Units"), _("Arrived"), _("Decision")]
    st.table(pl.DataFrame(rows, schema=names, orient="row"), border="horizontal", hide_index=True)
    for refund in goods["refunds"]:
        money = fmt.money(refund["amount_minor"], refund["currency"]).replace("$", "\\$")
        st.caption(
            _("{money} given back through {way}, {when}").format(
                money=money, way=refund["gateway"], when=fmt.moment(refund["at"], desk.zone())
            )
        )


def _lines(case: Mapping[str, Any]) -> None:
    rows = [(line["sku"], fmt.product(line["title"]), int(line["quantity"])) for line in case["lines"]]
    names = [_("SKU"), _("Product"), _("Units")]
    st.table(pl.DataFrame(rows, schema=names, orient="row"), border="horizontal", hide_index=True)

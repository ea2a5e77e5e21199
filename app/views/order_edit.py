"""Edit an order with a preview: what changes in stock and money is shown before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app import actions, blocks, desk
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.views.order_actions import Action, act, ask_about
from app.views.order_money import amount
from app.views.order_preview import show_preview
from app.views.sku_search import sku_search
from oms_core.kernel.errors import OmsError
from oms_core.kernel.money import exponent, to_decimal, to_minor

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.dossier import Dossier

ACTOR = actions.ACTOR
ADDRESS = {
    "name": N_("Name"), "line1": N_("Street and number"), "postal_code": N_("Postal code"), "city": N_("City"),
    "country": N_("Country, two letters"),
}  # fmt: skip


def edit(order: Dossier, _action: Action) -> None:
    """Ask what is to change, show what it would do, and do it on confirmation."""
    version = st.session_state.setdefault(f"order_edit_{order.head['id']}", order.head["version"])
    wanted = [*_lines(order), *_added(order), *_shipping(order), *_discount(order), *_address(order)]
    if not wanted:
        st.caption(_("Change a quantity, a price, the address or anything above; nothing is done before you confirm."))
        st.button(_("Leave it"), type="tertiary", key="order_leave", on_click=_leave, args=(order.head["id"],))
        return
    if not _previewed(order, wanted):
        st.button(_("Leave it"), type="tertiary", key="order_leave", on_click=_leave, args=(order.head["id"],))
        return
    reason = st.text_input(_("Reason"), key="order_edit_reason", max_chars=200)
    later = st.checkbox(_("Only propose it; somebody else confirms"), key="order_edit_later")
    n = len(wanted)
    label = _("Propose the change") if later else ngettext("Confirm {n} change", "Confirm {n} changes", n).format(n=n)
    done = _("The change is proposed") if later else _("Order #{number} is changed")
    act(
        label,
        lambda s: _change(s, order, wanted, version=version, reason=reason or "", later=later),
        done.format(number=order.head["number"]),
    )


def _leave(order_id: int) -> None:
    st.session_state.pop(f"order_edit_{order_id}", None)
    ask_about("")


def _change(
    session: Session, order: Dossier, wanted: list[dict[str, Any]], *, version: int, reason: str, later: bool
) -> object:
    from oms_core.backorders.commands import confirm_change
    from oms_core.order_changes.commands import propose

    made = propose(
        session, order.head["id"], wanted, zone=desk.zone(), actor=ACTOR, reason=reason, expected_version=version
    )
    st.session_state.pop(f"order_edit_{order.head['id']}", None)
    return made if later else confirm_change(session, made.id, zone=desk.zone(), actor=ACTOR)


def _lines(order: Dossier) -> list[dict[str, Any]]:
    """Draw the lines with quantity, price and discount to change; return the actions the changes mean."""
    currency = order.head["currency"]
    live = [line for line in order.lines if line["quantity"] > line["cancelled_qty"]]
    if not live:
        return []
    names = {"qty": _("Units"), "price": _("Price"), "discount": _("Discount")}
    rows = [
        {
            _("Line"): f"{fmt.product(line['title'])} · {line['sku']}",
            names["qty"]: line["quantity"] - line["cancelled_qty"],
            names["price"]: float(to_decimal(line["unit_price_minor"], currency)),
            names["discount"]: float(to_decimal(line["discount_minor"], currency)),
        }
        for line in live
    ]
    step = float(10 ** -exponent(currency))
    number = st.column_config.NumberColumn
    edited = st.data_editor(
        pd.DataFrame(rows), key=f"order_edit_lines_{order.head['version']}", hide_index=True, disabled=[_("Line")],
        column_config={
            names["qty"]: number(width=80, min_value=0, step=1, required=True),
            names["price"]: number(f"{names['price']}, {currency}", width=110, min_value=0.0, step=step, required=True),
            names["discount"]: number(
                f"{names['discount']}, {currency}", width=120, min_value=0.0, step=step, required=True
            ),
        },
        alt=_("Lines of the order; units, price and discount can be changed"),
    )  # fmt: skip
    return [
        action
        for line, row in zip(live, edited.to_dict("records"), strict=True)
        for action in line_actions(
            line,
            quantity=int(row[names["qty"]]),
            price=_minor(row[names["price"]], currency),
            discount=_minor(row[names["discount"]], currency),
        )
    ]


def _minor(value: float, currency: str) -> int:
    return to_minor(Decimal(f"{value:.{exponent(currency)}f}"), currency)


def line_actions(line: Mapping[str, Any], *, quantity: int, price: int, discount: int) -> list[dict[str, Any]]:
    """Return the actions that give a line another quantity, price or discount; pure, minor units."""
    if quantity == 0:
        return [{"kind": "remove_line", "line_id": line["id"]}]
    found: list[dict[str, Any]] = []
    if quantity != line["quantity"] - line["cancelled_qty"]:
        found.append({"kind": "set_quantity", "line_id": line["id"], "quantity": quantity})
    if price != line["unit_price_minor"]:
        found.append({"kind": "set_price", "line_id": line["id"], "unit_price_minor": price})
    if discount != line["discount_minor"]:
        found.append({"kind": "set_discount", "line_id": line["id"], "amount_minor": discount})
    return found


def _added(order: Dossier) -> list[dict[str, Any]]:
    with st.expander(_("Add a product"), icon=":material/add:"):
        found = sku_search(key="order_add", currency=order.head["currency"])
    if found is None:
        return []
    sku, units, price = found
    return [{"kind": "add_line", "sku": sku, "quantity": units, "unit_price_minor": price}]


def _shipping(order: Dossier) -> list[dict[str, Any]]:
    with st.expander(_("Shipping"), icon=":material/local_shipping:"):
        minor = amount(_("Shipping"), order.head["shipping_minor"], order.head["currency"], key="order_edit_shipping")
    return [] if minor == order.head["shipping_minor"] else [{"kind": "set_shipping", "amount_minor": minor}]


def _discount(order: Dossier) -> list[dict[str, Any]]:
    on_lines = sum(line["discount_minor"] for line in order.lines)
    whole = max(order.head["discount_minor"] - on_lines, 0)
    with st.expander(_("Discount on the whole order"), icon=":material/percent:"):
        minor = amount(_("Discount"), whole, order.head["currency"], key="order_edit_discount")
    return [] if minor == whole else [{"kind": "set_discount", "amount_minor": minor}]


def _address(order: Dossier) -> list[dict[str, Any]]:
    address = {}
    with st.expander(_("Address"), icon=":material/home_pin:"):
        for name, words in ADDRESS.items():
            value = st.text_input(_(words), value=order.head[f"ship_{name}"], key=f"order_edit_{name}") or ""
            if value.strip() != order.head[f"ship_{name}"]:
                address[name] = value.strip()
    return [{"kind": "set_address", "address": address}] if address else []


def _previewed(order: Dossier, wanted: list[dict[str, Any]]) -> bool:
    """Draw what the actions would do; say whether they can be done at all."""
    from oms_core.order_changes.commands import preview

    try:
        seen = desk.read(lambda session: preview(session, order.head["id"], wanted))
    except OmsError as error:
        blocks.expected(error)
        return False
    show_preview(seen)
    return True


ASKS: dict[str, Callable[[Dossier, Action], None]] = {"edit": edit}

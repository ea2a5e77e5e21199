"""Setup: the shop's settings, and the sheets of what it sells, where, from whom, and what lies there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
import streamlit as st

from app import actions, address, blocks, desk, sheet_words
from app import format as fmt
from app.i18n import N_, _
from app.views import setup_sheet
from oms_core.inventory.tables import StockLevel
from oms_core.kernel.rows import table_of
from oms_core.master_data.settings import FIXED, SETTINGS, SWITCHES, change_settings, settings_of
from oms_core.master_data.sheets import SHEETS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.exports import Later
    from oms_core.kernel.database import Base

SHOP = "shop"
SIDES = (SHOP, *sheet_words.SHEETS)
_LANGUAGES = {"en": "English", "pl": "polski"}
#: Settings in the order they are asked for, in columns.
_COLUMNS = (
    ("name", "zone", "currency", "country", "language", "mail_customers"),
    (
        "legal_name",
        "tax_id",
        "address",
        "bank_account",
        "invoice_due_days",
        "included_tax_percent",
        "invoice_when_shipped",
    ),
)
#: What a shop needs before its first order, and what nothing works without later.
NEEDED = ("locations", "channels", "products", "stock", "suppliers", "supplier-items")
MISSING = {
    "locations": N_("No location yet: nothing can be kept or shipped."),
    "channels": N_("No channel yet: no order can come in."),
    "products": N_("No product yet: nothing can be sold."),
    "stock": N_("No stock yet: orders will be refused."),
    "suppliers": N_("No supplier yet: nothing can be ordered."),
    "supplier-items": N_("No supplier sells a SKU yet: nothing can be suggested."),
}


def render() -> Later | None:
    """Draw what is missing, the choice of side and the side; return what may be exported."""
    counts = desk.read(count)
    _steps(counts)
    with address.bound("setup_side", SHOP, SIDES):
        side = str(
            st.segmented_control(
                _("View"), SIDES, required=True, key="setup_side", label_visibility="collapsed",
                format_func=lambda name: _said(name, counts),
            )
            or SHOP
        )  # fmt: skip
    if side == SHOP:
        _shop()
        return None
    return setup_sheet.render(side)


def count(session: Session) -> dict[str, int]:
    """Return how many rows each sheet has."""
    tables: dict[str, type[Base]] = {**{name: sheet.table for name, sheet in SHEETS.items()}, "stock": StockLevel}
    asked = {name: sa.select(sa.func.count()).select_from(table_of(table)) for name, table in tables.items()}
    return {name: int(session.execute(query).scalar_one()) for name, query in asked.items()}


def missing(counts: dict[str, int]) -> list[str]:
    """Return the sheets a shop cannot do without that are empty; pure."""
    return [name for name in NEEDED if not counts[name]]


def _said(name: str, counts: dict[str, int]) -> str:
    if name == SHOP:
        return _("Shop")
    return f"{_(sheet_words.SHEETS[name][0])} {fmt.count(counts[name])}"


def _steps(counts: dict[str, int]) -> None:
    """Say what is missing, the first step first."""
    left = missing(counts)
    if left:
        rest = [f"- {_(MISSING[name])}" for name in left]
        st.info("\n".join(rest), title=_("What this shop still needs"), icon=":material/checklist:")


def _shop() -> None:
    """Draw the settings of the shop as one form."""
    blocks.section(
        _("How does the shop see the world?"), _("Days and sums of orders are kept in its zone and currency.")
    )
    shop = desk.read_as_kept(_settings)
    given: dict[str, str] = {}
    with st.form("setup_shop", border=True):
        for column, names in zip(st.columns(2), _COLUMNS, strict=True):
            with column:
                given |= {name: _field(name, str(shop[name])) for name in names}
        sent = st.form_submit_button(_("Save"), type="primary", icon=":material/check:")
    changed = {name: value for name, value in given.items() if value != str(shop[name])}
    if sent and not changed:
        st.toast(_("Nothing was changed"))
    elif sent:
        done = actions.run(
            lambda s: change_settings(s, changed, actor=actions.ACTOR), done=_("The settings of the shop are saved")
        )
        if done is not None:
            st.rerun()


def _settings(session: Session) -> dict[str, object]:
    from oms_core.kernel.settings import stored_shop

    return settings_of(stored_shop(session))


def _field(name: str, value: str) -> str:
    label, key = _(sheet_words.SETTINGS[name]), f"setting_{name}"
    if name == "language":
        known = list(_LANGUAGES)
        return str(st.selectbox(label, known, index=known.index(value), key=key, format_func=_LANGUAGES.__getitem__))
    if name in SWITCHES:
        since = _("From the moment it is saved on; the worker does it within a minute.")
        return "yes" if st.checkbox(label, value=value == "yes", key=key, help=since) else "no"
    example = SETTINGS[name][1]
    hint = _("Stays once there are orders") if name in FIXED else None
    return str(st.text_input(label, value=value, key=key, placeholder=example, max_chars=300, help=hint) or "").strip()

"""Entry point of the dashboard: the list of pages, the top navigation, ``page.run()``; nothing else.

Started by ``ordersight dashboard`` (see `app.dashboard_server`).
"""

from __future__ import annotations

import gc
from pathlib import Path

import streamlit as st

from app import blocks, links
from app.i18n import N_, _

ASSETS = Path(__file__).parent / "assets"

#: Section to its pages: file in ``app_pages``, address, title, icon, what it answers.
PAGES: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "": (("today", "today", N_("Today"), "today", N_("What needs a decision now?")),),
    N_("Sell"): (
        ("sales", "sales", N_("Sales"), "trending_up", N_("Are we on plan, and why not?")),
        ("orders", "orders", N_("Orders"), "receipt_long", N_("Where is each order stuck?")),
    ),
    N_("Customers"): (
        ("customers", "customers", N_("Customers"), "group", N_("Who is worth what, who is leaving?")),
        ("segments", "segments", N_("Segments"), "group_work", N_("Whom do I write to?")),
    ),
    N_("Buy"): (
        ("stock", "stock", N_("Stock"), "inventory_2", N_("What will run out, what is dead?")),
        ("forecast", "forecast", N_("Forecast"), "query_stats", N_("What will sell, how sure are we?")),
        (
            "replenishment",
            "replenishment",
            N_("Replenishment"),
            "add_shopping_cart",
            N_("What do I order today, and from whom?"),
        ),
        (
            "purchase_orders",
            "purchase-orders",
            N_("Purchase orders"),
            "assignment",
            N_("What is on its way, what is late?"),
        ),
    ),
    N_("Trust"): (
        ("metrics", "metrics", N_("Metrics"), "function", N_("How is each number defined?")),
        ("health", "health", N_("Data health"), "verified", N_("Is the data fresh and reconciled?")),
    ),
}


@st.cache_resource(show_spinner=False)
def settle() -> None:
    """Freeze what the imports left, once: garbage collection then skips it on every rerun."""
    gc.collect()
    gc.freeze()


def pages() -> dict[str, list[object]]:
    """Return the pages of this run, titled in the reader's language."""
    return {
        _(section): [
            st.Page(
                f"app_pages/{file}.py",
                title=_(title),
                icon=f":material/{icon}:",
                url_path=path,
                help=_(answers),
                default=file == "today",
            )
            for file, path, title, icon, answers in listed
        ]
        for section, listed in PAGES.items()
    }


st.set_page_config(page_title="Ordersight", page_icon=str(ASSETS / "icon.svg"), layout="wide")
st.logo(str(ASSETS / f"logo-{st.context.theme.type or 'light'}.svg"), size="large")
page = st.navigation(pages(), position="top")  # type: ignore[arg-type]
settle()
links.follow()
with blocks.guard("page"):
    page.run()

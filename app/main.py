"""Entry point of the dashboard: the list of pages, the top navigation, ``page.run()``; nothing else.

Started by ``ordersight dashboard`` (see `app.dashboard_server`).
"""

from __future__ import annotations

import gc
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from app import address, blocks, links
from app.i18n import N_, _

ASSETS = Path(__file__).parent / "assets"
#: Last entry of the menu at the top right. Without an entry of ours Streamlit hides the menu, and with it the
#: choice of the light, the dark and the system's theme.
ABOUT = N_("**Ordersight**: orders, stock and customers of a shop, and why every number is what it is.")

#: Section to its pages: file in ``app_pages``, address, title, icon, what it answers.
PAGES: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "": (
        ("today", "today", N_("Today"), "today", N_("What needs a decision now?")),
        ("board", "board", N_("Board"), "monitor_heart", N_("What happens this second, and what waits too long?")),
    ),
    N_("Sell"): (
        ("sales", "sales", N_("Sales"), "trending_up", N_("Are we on plan, and why not?")),
        ("products", "products", N_("Products"), "grid_on", N_("Which products grow, where, and why?")),
        ("orders", "orders", N_("Orders"), "receipt_long", N_("Where is each order stuck?")),
        ("returns", "returns", N_("Returns"), "assignment_return", N_("What came back, and what do we owe for it?")),
        ("drafts", "drafts", N_("Drafts and quotes"), "edit_note", N_("What was offered and is not an order yet?")),
    ),
    N_("Customers"): (
        ("customers", "customers", N_("Customers"), "group", N_("Who is worth what, who is leaving?")),
        ("cohorts", "cohorts", N_("Cohorts"), "view_timeline", N_("Do customers come back, and what are they worth?")),
        ("segments", "segments", N_("Segments"), "group_work", N_("Whom do I write to?")),
        ("messages", "messages", N_("Messages"), "mail", N_("What do we say to them, and what do we offer?")),
    ),
    N_("Buy"): (
        ("stock", "stock", N_("Stock"), "inventory_2", N_("What will run out, what is dead?")),
        (
            "reports",
            "reports",
            N_("Ready reports"),
            "fact_check",
            N_("What is sold out, too much, late or uneven?"),
        ),
        (
            "stock_moves",
            "stock-moves",
            N_("Stock moves"),
            "move_down",
            N_("What moves between places, what was counted, why is on hand so?"),
        ),
        ("forecast", "forecast", N_("Forecast"), "query_stats", N_("What will sell, how sure are we?")),
        (
            "replenishment",
            "replenishment",
            N_("Replenishment"),
            "add_shopping_cart",
            N_("What do I order today, and from whom?"),
        ),
        (
            "backtest",
            "backtest",
            N_("Backtest"),
            "history",
            N_("Would our orders have served as well with less stock?"),
        ),
        (
            "supply_plan",
            "supply-plan",
            N_("Supply plan"),
            "calendar_month",
            N_("What do the next twelve months need, and when is it paid?"),
        ),
        (
            "purchase_orders",
            "purchase-orders",
            N_("Purchase orders"),
            "assignment",
            N_("What is on its way, what is late?"),
        ),
        (
            "buying_terms",
            "buying-terms",
            N_("Buying terms"),
            "rule",
            N_("Under which rules do we buy, and who may say yes?"),
        ),
    ),
    N_("Money"): (
        (
            "finance",
            "finance",
            N_("Finance"),
            "account_balance",
            N_("Who owes us, whom do we owe, what is stock worth?"),
        ),
    ),
    N_("Trust"): (
        ("ask", "ask", N_("Ask"), "query_stats", N_("Which number do you need, and who gets it by mail?")),
        ("metrics", "metrics", N_("Metrics"), "function", N_("How is each number defined?")),
        ("health", "health", N_("Data health"), "verified", N_("Is the data fresh and reconciled?")),
        ("setup", "setup", N_("Setup"), "tune", N_("What does the shop sell, where, from whom?")),
        (
            "privacy",
            "privacy",
            N_("Privacy"),
            "shield_person",
            N_("What do we hold about people, for how long, and who sees it?"),
        ),
    ),
}


@st.cache_resource(show_spinner=False)
def settle() -> None:
    """Freeze what the imports left, once: garbage collection then skips it on every rerun."""
    gc.collect()
    gc.freeze()


def pages() -> dict[str, list[object]]:
    """Return the pages of this run, titled in the reader's language.

    Streamlit answers its default page at ``/`` alone. Today stands in the list twice, at ``/`` and at
    ``/today``; the menu shows the one the reader is on, so that it is marked there.
    """
    named = urlsplit(st.context.url or "").path.rstrip("/").endswith("/today")
    home, *rest = PAGES[""]
    listed = {_(section): [_page(*one) for one in found] for section, found in PAGES.items()}
    listed[""] = [_page(*home, path="", shown=not named), _page(*home, shown=named), *(_page(*one) for one in rest)]
    return listed


def _page(
    file: str, slug: str, title: str, icon: str, answers: str, *, path: str | None = None, shown: bool = True
) -> object:
    """Return a page; an empty `path` makes it the one at the root."""
    return st.Page(
        f"app_pages/{file}.py",
        title=_(title),
        icon=f":material/{icon}:",
        url_path="home" if path == "" else slug,
        help=_(answers),
        default=path == "",
        visibility="visible" if shown else "hidden",
    )


address.arrive()
st.set_page_config(
    page_title="Ordersight", page_icon=str(ASSETS / "icon.svg"), layout="wide", menu_items={"About": _(ABOUT)}
)
st.logo(str(ASSETS / f"logo-{st.context.theme.type or 'light'}.svg"), size="large")
page = st.navigation(pages(), position="hidden" if "wall" in st.query_params else "top")  # type: ignore[arg-type]
settle()
links.follow()
with blocks.guard("page"):
    page.run()

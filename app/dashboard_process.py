"""The dashboard server's own process: Streamlit, with everything a first page needs loaded while it starts."""

from __future__ import annotations

import importlib
import logging
import threading

#: Modules a first page would otherwise wait for.
HEAVY = (
    "plotly.graph_objects", "pandas", "polars", "duckdb", "analytics.ask", "analytics.order_list", "analytics.frames",
    "app.blocks", "app.views.today", "app.views.orders", "app.views.sales",
)  # fmt: skip

log = logging.getLogger("ordersight.dashboard")


def warm() -> None:
    """Load the heavy modules and open the replica; a fault is left for the page to say."""
    for name in HEAVY:
        importlib.import_module(name)
    from app import data

    try:
        data.floor()
        data.place()
    except Exception as error:  # noqa: BLE001 - the first page meets the same fault and shows it in words
        log.info("warming up: %s", error)


def main() -> None:
    """Run Streamlit's command line with this process's arguments."""
    from streamlit.web.cli import main as streamlit

    threading.Thread(target=warm, name="warm-up", daemon=True).start()
    streamlit()


if __name__ == "__main__":
    main()

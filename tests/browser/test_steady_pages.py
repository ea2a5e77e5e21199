"""A page stands still once it is drawn: what the browser loads late has its room kept."""

from __future__ import annotations

from browsing import PATIENCE, Visit
from playwright.sync_api import Page, Route

#: The script that draws tiles, by the name Streamlit serves it under.
TILES = "**/static/js/Metric.*.js"


def top_of_the_chart(page: Page) -> float:
    return page.evaluate("document.querySelector('[data-testid=stPlotlyChart]').getBoundingClientRect().top")


def test_tiles_that_come_late_move_nothing_below_them(visit: Visit) -> None:
    """The script of tiles arrives when the chart already stands, as it does on a busy machine."""
    reader = visit(height=1400)
    held: list[Route] = []
    reader.page.route(TILES, lambda route: held.append(route))  # noqa: PLW0108 - a method of the list has no place for its wrapper
    with reader.page.expect_request(TILES, timeout=PATIENCE):
        page = reader.open("/sales")
    page.locator("[data-testid=stPlotlyChart] .bars .point path").first.wait_for(state="attached")
    page.wait_for_function("document.fonts.status === 'loaded'")
    before = top_of_the_chart(page)
    for route in held:
        route.continue_()
    page.locator("[data-testid=stMetric] :is(canvas, svg.marks)").last.wait_for(timeout=PATIENCE)
    assert top_of_the_chart(page) == before
    assert reader.outside == []

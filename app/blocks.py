"""The parts every page is made of: head, tiles, sections, charts, tables, empty states, errors, footer.

Pages call these instead of Streamlit where one exists, so that all pages look and fail alike.
"""

from __future__ import annotations

import logging
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from app import address, data, provenance, tables
from app import format as fmt
from app.device import on_phone
from app.empties import empty, empty_line, no_data, nothing_matches
from app.fault_words import told
from app.footers import export, footer
from app.i18n import DEFAULT, LANGUAGES, _, language
from app.tile_rows import kpi_row
from oms_core.kernel import clock
from oms_core.kernel.errors import OmsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import plotly.graph_objects as go
    import polars as pl


__all__ = [
    "chart", "empty", "empty_line", "expected", "export", "facts", "footer", "guard", "head", "kpi_row", "live",
    "no_data", "nothing_matches", "on_phone", "section", "table",
]  # fmt: skip

#: Numbers older than this are said to be old above the page.
STALE_SECONDS = 60
#: Pages redraw their volatile parts this often.
LIVE = "5s"
#: No mode bar: figures are read and clicked, not edited.
CHART = {"displayModeBar": False}

log = logging.getLogger("ordersight.dashboard")


def live(part: Callable[[], None]) -> None:
    """Draw a part now and again every few seconds, without the rest of the page."""
    st.fragment(part, run_every=LIVE)()


@contextmanager
def head(title: str, *answers: str) -> Iterator[None]:
    """Draw a page's head; buttons drawn inside the block stand at its right.

    Parameters
    ----------
    title : str
        The page's name, translated.
    *answers : str
        Parts of the caption: first the question the page answers. Freshness, the demo clock and
        what is simulated are added.
    """
    left, right = st.columns([1.95, 1], vertical_alignment="bottom")
    with left, st.container(gap="xxsmall"):
        st.title(title, anchor=False)
        st.caption(" · ".join([*answers, *provenance.parts()]), help=provenance.whole())
    with right, st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
        yield
        _language_switch()
    _stale_line()


def _language_switch() -> None:
    with (
        st.popover(language().upper(), icon=":material/language:", type="tertiary"),
        address.bound("lang", _browser_language(), LANGUAGES),
    ):
        st.segmented_control(
            _("Language"), list(LANGUAGES), required=True, format_func=LANGUAGES.__getitem__, key="lang"
        )


def _browser_language() -> str:
    code = (st.context.locale or "")[:2]
    return code if code in LANGUAGES else DEFAULT


def _stale_line() -> None:
    fault, old = data.floor().fault, data.staleness()
    if fault is None and old.total_seconds() < STALE_SECONDS:
        return
    why = fault.message if fault else _("The replica does not answer.")
    st.warning(
        f"**{_('The numbers are {age} old.').format(age=fmt.age(old))}** {why} "
        + _("Orders and stock work as usual; the numbers catch up by themselves."),
        icon=":material/history:",
    )


def section(question: str, answer: str = "", *, small: bool = False) -> None:
    """Draw a section's heading: the question, and the answer in a sentence with the number.

    Parameters
    ----------
    small : bool
        Inside a drawer.
    """
    with st.container(gap=None):
        if small:
            st.markdown(f"**{question}**")
        else:
            st.subheader(question, anchor=False)
        if answer:
            st.caption(answer)


def chart(
    figure: go.Figure, alt: str, *, key: str, card: bool = True, clickable: bool = False
) -> list[tuple[int, int]]:
    """Draw a figure in a card and return the clicked points: number of the series and of the point.

    Parameters
    ----------
    alt : str
        The figure's takeaway in words.
    clickable : bool
        Answer clicks; a click is answered once.
    """
    nonce = st.session_state.get(f"{key}_clicks", 0)
    with st.container(border=card):
        if not clickable:
            st.plotly_chart(figure, key=key, config=CHART, alt=alt)
            return []
        event = st.plotly_chart(
            figure, key=f"{key}_{nonce}", config=CHART, alt=alt, on_select="rerun", selection_mode="points"
        )
    points = event["selection"]["points"]
    if points:
        st.session_state[f"{key}_clicks"] = nonce + 1
    return [(int(p["curve_number"]), int(p["point_number"])) for p in points]


def table(
    frame: pl.DataFrame,
    columns: Mapping[str, Any],
    *,
    key: str,
    alt: str,
    select: Literal["single-row", "multi-row"] | None = None,
    open_on_click: bool = False,
    height: int | None = None,
    row_height: int = 32,
    phone: Sequence[str] = (),
) -> list[int]:
    """Draw a table and return the positions of the selected rows.

    Parameters
    ----------
    frame : polars.DataFrame
        Only what may be seen: hidden columns would still reach the browser.
    columns : mapping
        Column name to its configuration of :mod:`app.tables`; their order is the table's.
    open_on_click : bool
        A click on any cell answers its row, once: the table is drawn afresh on the next run and has
        forgotten it. No column of check boxes.
    height : int, optional
        Pixels; by default all rows up to fourteen.
    phone : sequence of str
        Columns a phone shows first, as wide together as its screen.
    """
    if on_phone():
        columns = tables.at_phone_width(columns, phone)
    shown = frame.select(list(columns))
    tall = height or (min(shown.height, 14) + 1) * row_height + 2
    mode = "single-cell" if open_on_click else select
    options: dict[str, Any] = {"on_select": "rerun", "selection_mode": mode} if mode else {}
    if on_phone():
        st.space("small")  # fingers have no hover: the table's own buttons always stand above its corner
    answered = f"{key}_answered"
    nonce = st.session_state.get(answered, 0)
    event = st.dataframe(
        shown,
        key=f"{key}_{nonce}" if open_on_click else key,
        hide_index=True,
        column_config=dict(columns),
        row_height=row_height,
        height=tall,
        alt=alt,
        placeholder=tables.nothing(),
        **options,
    )
    if open_on_click:
        clicked = [cell[0] for cell in event["selection"]["cells"]]
        if clicked:
            st.session_state[answered] = nonce + 1
        return clicked
    return list(event["selection"]["rows"]) if select else []


def facts(pairs: Mapping[str, str]) -> None:
    """Draw a small table of facts: name left, value right."""
    st.table({_escape(k): _escape(v) for k, v in pairs.items()}, border="horizontal")


def _escape(text: str) -> str:
    return text.replace("$", "\\$")


@contextmanager
def guard(name: str) -> Iterator[None]:
    """Keep an error inside its own card: an expected one with what to do, any other with an incident number.

    Parameters
    ----------
    name : str
        Which card: goes to the log beside the incident.
    """
    try:
        yield
    except OmsError as error:
        expected(error)
    except Exception as error:
        incident = secrets.token_hex(3).upper()
        log.exception("card %s failed, incident %s", name, incident, exc_info=error)
        _failed(incident)


def expected(error: OmsError) -> None:
    """Draw an expected error: what happened, what to do, its code."""
    what, todo = told(error)
    code = f":small[{_('Code {code}').format(code=f'`{error.code}`')}]"
    place = f"```\n{error.facts['caret']}\n```" if error.facts.get("caret") else ""
    st.error("\n\n".join(part for part in (todo, place, code) if part), title=what, icon=":material/error:")


def _failed(incident: str) -> None:
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        at = fmt.clock_time(clock.now(), "UTC", seconds=True)
        st.markdown(
            f":material/bug_report: **{_('This card failed and the rest of the page did not.')}** "
            f":small[:gray[{_('Incident {incident}, {time} UTC').format(incident=incident, time=at)}]]"
        )
        st.button(_("Try again"), icon=":material/refresh:", key=f"retry_{incident}")

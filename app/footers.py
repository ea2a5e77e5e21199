"""A page's last row: export, copy link, how it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Literal

import streamlit as st

from app import data, exports, filters, links
from app import format as fmt
from app.i18n import _, ngettext


def footer(
    *,
    sheet: exports.Sheet | exports.Later | None = None,
    period: filters.Filters | None = None,
    queries: Sequence[str] = (),
    slugs: Sequence[str] = (),
) -> None:
    """Draw a page's last row: export, link, how it is computed.

    Parameters
    ----------
    sheet : Sheet, optional
        What the export holds; the button is left out without it.
    queries : sequence of str
        SQL files of the page.
    slugs : sequence of str
        Metrics of the page.
    """
    with st.container(horizontal=True, gap="xsmall"):
        if sheet is not None:
            export(sheet, period)
        with st.popover(_("Copy link"), icon=":material/link:", type="tertiary"):
            st.caption(_("Filters and language are in the address."))
            st.code(links.here(), language=None, wrap_lines=True)
        if (queries or slugs) and st.button(
            _("How is this computed?"), icon=":material/function:", type="tertiary", key="how"
        ):
            how(queries, slugs)


def export(
    sheet: exports.Sheet | exports.Later,
    period: filters.Filters | None = None,
    *,
    kind: Literal["secondary", "tertiary"] = "tertiary",
) -> None:
    """Draw the export menu: four formats, built on click."""
    since, until = (period.since, period.until - timedelta(days=1)) if period else (None, None)
    with st.popover(_("Export"), icon=":material/download:", type=kind):
        st.caption(ngettext("{n} row", "{n} rows", sheet.rows).format(n=fmt.count(sheet.rows)))
        for choice in exports.FORMATS:
            st.download_button(
                choice.label,
                partial(choice.write_later, sheet),
                file_name=exports.file_name(sheet.name, choice.suffix, since, until),
                mime=choice.mime,
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
                key=f"export_{sheet.name}_{choice.suffix}",
            )


def how(queries: Sequence[str], slugs: Sequence[str]) -> None:
    """Open the drawer that shows definitions and SQL."""

    @st.dialog(_("How is this computed?"), position="right", width=700)
    def drawer() -> None:
        from analytics.metrics import METRICS

        known = {m.slug: m for m in METRICS}
        for slug in slugs:
            metric = known[slug]
            st.markdown(f"**{_(metric.label)}** `{metric.slug}`")
            st.caption(_(metric.help))
        for name in queries:
            st.markdown(f"**{name}.sql**")
            st.code(data.sql(name), language="sql")
        st.caption(_("Replica watermark {mark}").format(mark=data.watermark()))

    drawer()

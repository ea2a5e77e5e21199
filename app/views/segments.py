"""Segments: whom do I write to, how many are they, what are they worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import actions, blocks, data, exports, links, sight, tables
from app import format as fmt
from app.i18n import N_, _, language
from app.tiles import Tile
from app.views import campaigns, segment_builder, segment_file, segment_memory
from oms_core.kernel.expressions import ExpressionFault
from segmentation.library import advice, understand
from segmentation.rfm import GROUP_LABELS

if TYPE_CHECKING:
    from app.data import Place
    from app.jobs.segments import Evaluation
    from segmentation.library import Segment

#: Rows of members drawn; the export holds all.
MOST_ROWS = 200
QUERIES: tuple[str, ...] = ()
GROUP_COLOURS = {
    "CHAMPIONS": "blue", "LOYAL": "blue", "AT_RISK": "orange", "PREVIOUSLY_LOYAL": "orange", "NEW": "green",
}  # fmt: skip
CONSENTS = {
    "subscribed": (N_("Subscribed"), "gray"), "pending": (N_("Pending"), "yellow"),
    "unsubscribed": (N_("Unsubscribed"), "orange"), "not_subscribed": (N_("Not subscribed"), "orange"),
    "invalid": (N_("Invalid"), "red"), "redacted": (N_("Redacted"), "red"),
}  # fmt: skip
#: What the linter says, by its code.
ADVICE = {
    "lint.never": N_("Never holds: {clause}"),
    "lint.always": N_("Holds for everybody it is known of: {clause}"),
    "lint.contradiction": N_("Nobody can fit all of these: {clause}"),
    "lint.covers_all": N_("Everybody it is known of fits one of these: {clause}"),
    "lint.repeated": N_("Said twice: {clause}"),
    "lint.adds_nothing": N_("Adds nothing to the clauses before it: {clause}"),
    "lint.unknown_kept": N_("Also takes customers of whom it is unknown: {clause}"),
    "lint.old_spelling": N_("Old spelling; write: {clause}"),
}


@dataclass(frozen=True, slots=True)
class SegmentView:
    """The right side of the page and its rows: translated and formatted."""

    tiles: Sequence[Tile]
    overlap: pl.DataFrame
    members: pl.DataFrame
    numbers: tuple[str, ...]
    answer: str
    sentence: str


def build(found: Evaluation, overlap: pl.DataFrame, labels: dict[str, str]) -> SegmentView:
    """Turn an evaluation into tiles, overlap and rows; pure."""
    shown = found.members.head(MOST_ROWS)
    answer = _("Largest first, {shown} of {n} · select a row to open the customer").format(
        shown=fmt.count(shown.height), n=fmt.count(found.count)
    )
    return SegmentView(
        tiles=_tiles(found),
        overlap=overlap.filter(pl.col("members") > 0).head(6).select(
            pl.col("name").replace(labels).alias("name"), "members", (pl.col("share") * 100).alias("share")
        ),
        members=customer_rows(shown, found.currency),
        numbers=tuple(shown.get_column("number").to_list()),
        answer=answer,
        sentence=found.sentence[language()],
    )  # fmt: skip


def _tiles(found: Evaluation) -> tuple[Tile, ...]:
    reached = found.reachable["email"]
    expected = found.expected_90d_minor
    share = found.count / found.customers if found.customers else 0
    return (
        Tile(_("Members"), fmt.count(found.count), _("{share} of customers").format(share=fmt.percent(share))),
        Tile(
            _("Reachable by e-mail"),
            fmt.count(reached),
            _("{share} of members").format(share=fmt.percent(reached / found.count if found.count else 0)),
            help=_("Members with consent to marketing e-mail and a valid address."),
        ),
        Tile(
            _("Ordered, 12 months"),
            fmt.money_tile(found.spent_12m_minor, found.currency),
            _("{money} a member").format(
                money=fmt.money_round(found.spent_12m_minor // max(found.count, 1), found.currency)
            ),
            help=_("Gross sales less discounts of the members' orders in the last 12 months."),
        ),
        Tile(
            _("Expected in 90 days"),
            _("–") if expected is None else fmt.money_tile(expected, found.currency),
            _("not scored yet") if expected is None else _expected_a_member(found, expected),
            help=_("Sum of the stored forecasts of customer value; made before the fact, judged later."),
        ),
    )


def _expected_a_member(found: Evaluation, expected: int) -> str:
    return _("{money} a member").format(money=fmt.money_round(expected // max(found.count, 1), found.currency))


def customer_rows(members: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Return customers as rows of a table; columns as in :func:`columns`."""
    # Named here, not inside the frame: its threads do not know the reader's language.
    countries = {code: data.country(code) for code in members["country"].unique() if code}
    consents = {code: _(words) for code, (words, _colour) in CONSENTS.items()}
    expected = pl.col("expected_value_90d") if "expected_value_90d" in members.columns else pl.lit(None, pl.Int64)
    active = pl.col("p_active_90d") if "p_active_90d" in members.columns else pl.lit(None, pl.Float64)
    return sight.shown(members).select(
        pl.when(pl.col("name") != "").then("name").otherwise(pl.col("number")).alias("name"),
        "number",
        pl.col("country").replace(countries).alias("country"),
        tables.badges(pl.col("rfm_group"), GROUP_LABELS[language()]).alias("group"),
        "last_order_on",
        "orders",
        tables.major(pl.col("spent_minor"), currency).alias("spent"),
        tables.major(pl.col("aov_minor"), currency).alias("aov"),
        tables.major(expected, currency).alias("expected"),
        (active * 100).alias("active"),
        tables.badges(pl.col("email_consent").fill_null("not_subscribed"), consents).alias("consent"),
    )


def columns(currency: str) -> dict[str, Any]:
    """Return the columns of a table of customers."""
    groups = {GROUP_LABELS[language()][code]: GROUP_COLOURS.get(code, "gray") for code in GROUP_LABELS["en"]}
    return {
        "name": tables.text(_("Customer"), 148),
        "number": tables.text(_("Number"), 64),
        "country": tables.text(_("Country"), 104),
        "group": tables.badge(_("Group"), groups, 122),
        "last_order_on": tables.day(_("Last order"), 132),
        "orders": tables.count(_("Orders"), 84),
        "spent": tables.money(_("Ordered"), currency, 104),
        "aov": tables.money(_("Average order"), currency, 150),
        "expected": tables.money(_("Expected 90 d"), currency, 144),
        "active": tables.progress(_("Orders in 90 d"), 108),
        "consent": tables.badge(_("E-mail consent"), {_(w): c for w, c in CONSENTS.values()}),
    }


def text_now() -> str:
    """Return the expression of the page: the session's, else the address's, else the first of the library."""
    given = st.session_state.get(segment_builder.TEXT) or st.query_params.get(segment_builder.TEXT)
    return str(given or "number_of_orders = 1 AND last_order_date < -90d")


def render(shelf: Sequence[Segment], place: Place) -> None:
    """Draw the builder at the left, the answer at the right, the members below."""
    st.session_state.setdefault(segment_builder.TEXT, text_now())
    text = str(st.session_state[segment_builder.TEXT]).strip()
    left, right = st.columns([1.65, 1], gap="medium")
    with left:
        fault = _builder(text, shelf, place)
    with right:
        if fault is None:
            _answer(text, shelf)
        else:
            blocks.empty_line("filters", _("No count yet"), _("Correct the expression at the left."))
    if fault is None:
        _members(text, place)
        segment_memory.render(data.segment(text).text, shelf)
    campaigns.render()


def _builder(text: str, shelf: Sequence[Segment], place: Place) -> ExpressionFault | None:
    blocks.section(_("Whom do I write to?"), _("All groups must hold; inside a group one condition is enough"))
    fault: ExpressionFault | None = None
    try:
        groups = segment_builder.groups(text)
        if groups is None:
            blocks.empty_line("filters", _("Richer than the builder"), _("This definition is edited as text, below."))
        else:
            segment_builder.draw(groups, place, lambda part: data.segment(part).count)
    except ExpressionFault as error:
        fault = error
    with st.container(horizontal=True, gap="xsmall"):
        _start_from(shelf)
    _as_text(text, fault)
    return fault


def _start_from(shelf: Sequence[Segment]) -> None:
    with st.popover(_("Start from"), icon=":material/library_books:"):
        for one in shelf:
            st.button(
                one.label(language()), key=f"segment_start_{one.name}", type="tertiary",
                help=one.description(language()), on_click=segment_builder.start_from, args=(one.expression,),
            )  # fmt: skip


def _as_text(text: str, fault: ExpressionFault | None) -> None:
    with st.container(border=True, gap="xsmall"):
        verdict = f":green[:material/check_circle: {_('Parsed, both ways')}]" if fault is None else ""
        st.markdown(f"**{_('The same, as text')}** :small[{verdict}]")
        st.text_area(
            _("Expression"), key=segment_builder.TEXT, bind="query-params", label_visibility="collapsed", height=88,
            on_change=segment_builder.fresh,
        )  # fmt: skip
        if fault is not None:
            st.code(str(fault.facts.get("caret", "")), language=None)
            blocks.expected(fault)
        else:
            st.caption(_("Reads as: {sentence}").format(sentence=data.segment(text).sentence[language()]))
            for one in advice(text, understand(text)):
                st.caption(f":orange[:material/lightbulb: {_(ADVICE[one.code]).format(clause=one.clause)}]")


def _answer(text: str, shelf: Sequence[Segment]) -> None:
    found: Evaluation = data.segment(text)
    labels = {one.name: one.label(language()) for one in shelf}
    view = build(found, data.segment_overlap(text), labels)
    blocks.section(_("How many, and what are they worth?"), _("Counts change as you edit"))
    blocks.kpi_row(view.tiles, columns=2)
    blocks.section(_("Whom else would they hear from?"))
    if view.overlap.is_empty():
        blocks.empty_line("done", _("No overlap"), _("No other segment holds these customers."))
    else:
        blocks.table(
            view.overlap,
            {
                "name": tables.text(_("Segment also held"), 190),
                "members": tables.count(_("Members"), 80),
                "share": tables.progress(_("Overlap")),
            },
            key="segment_overlap",
            alt=_("Overlap with other segments"),
        )
    segment_memory.strategy(found, shelf)
    segment_file.panel(found)


def _members(text: str, place: Place) -> None:
    found: Evaluation = data.segment(text)
    view = build(found, pl.DataFrame(schema={"name": pl.String, "members": pl.Int64, "share": pl.Float64}), {})
    blocks.section(_("Who is in it?"), view.answer)
    if view.members.is_empty():
        with blocks.empty("filters", _("Nobody matches"), view.sentence):
            pass
        return
    picked = blocks.table(
        view.members, columns(place.currency), key="segment_members", alt=view.answer, open_on_click=True
    )
    for position in picked:
        links.go("customers", customer=view.numbers[position])


def save_button(text: Callable[[], str]) -> None:
    """Draw *Save segment*: a name, and the definition as it stands; a change makes a new version."""
    with st.popover(_("Save segment"), icon=":material/check:", type="primary"):
        name = st.text_input(_("Name"), key="segment_name", placeholder=_("quiet_regulars"))
        if st.button(_("Save as a living segment"), disabled=not name, key="segment_save", type="primary"):
            _save(name.strip().replace(" ", "_").lower(), text())


def _save(name: str, text: str) -> None:
    from oms_core.kernel.expressions import as_text
    from oms_core.marketing import commands
    from segmentation.library import understand

    def command(session: Any) -> int:
        kept = commands.save_segment(
            session, name=name, expression=as_text(understand(text)), description="", actor=actions.ACTOR
        )
        return int(kept.version)

    actions.run(command, done=_("Segment {name} saved").format(name=name))


def sheet(text: str) -> exports.Later | None:
    """Return the members as an export for looking at, without addresses; the gated file is another button."""
    try:
        found: Evaluation = data.segment(text)
    except ExpressionFault:
        return None

    def make() -> exports.Sheet:
        return exports.Sheet(
            name="segment_members",
            frame=customer_rows(found.members, found.currency).with_columns(pl.col("group", "consent").list.first()),
            facts={"Definition": found.text, "Sentence": found.sentence["en"]},
        )

    return exports.Later("segment_members", found.count, make)

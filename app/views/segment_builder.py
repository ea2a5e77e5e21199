"""The segment builder: groups joined by *and*, conditions inside by *or*, kept in step with the text.

The address holds the text (``?segment=…``). A change of a widget writes the text; a change of the text
draws the widgets anew. Rows without a value yet live in the session only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import format as fmt
from app.i18n import N_, _, language, ngettext
from app.views.segment_groups import (
    BEFORE_LAST,
    COUNTED,
    IN_LAST,
    OPERATORS,
    Groups,
    Row,
    attribute,
    groups_of,
    kind_of,
    text_of,
)
from segmentation.attributes import ATTRIBUTES, ENTRIES
from segmentation.functions import FUNCTIONS
from segmentation.library import understand

if TYPE_CHECKING:
    from app.data import Place

TEXT, GROUPS, NONCE = "segment", "segment_groups", "segment_nonce"
EMPTY: Groups = ((Row("number_of_orders", ">=", ("1",)),),)
WORDS: Mapping[str, str] = {
    ">=": N_("at least"), ">": N_("more than"), "<=": N_("at most"), "<": N_("less than"), "=": N_("is"),
    "!=": N_("is not"), "CONTAINS": N_("contains"), "STARTS WITH": N_("starts with"), "IN": N_("is one of"),
    "NOT IN": N_("is none of"), IN_LAST: N_("in the last"), BEFORE_LAST: N_("not in the last"),
    "TRUE": N_("yes"), "FALSE": N_("no"),
}  # fmt: skip
#: Units of a length of time, and of the window that a number is counted over.
UNITS: Mapping[str, str] = {"d": N_("days"), "w": N_("weeks"), "m": N_("months"), "y": N_("years")}
WINDOWS: Mapping[str, str] = {
    "d": N_("last days"), "w": N_("last weeks"), "m": N_("last months"), "y": N_("last years"),
}  # fmt: skip
#: Orderings of dates have words of their own.
DATE_WORDS: Mapping[str, str] = {">=": N_("on or after"), "<": N_("before")}
SUBJECTS = (*ATTRIBUTES, *(f"{name}()" for name in COUNTED))


def groups(text: str) -> Groups | None:
    """Return the groups to draw: the session's while they say the same as the text, else those of the text."""
    tree = understand(text)
    kept: Groups | None = st.session_state.get(GROUPS)
    if kept is not None:
        said = text_of(kept)
        if said and understand(said) == tree:
            return kept
    found = groups_of(tree)
    st.session_state[GROUPS] = found
    return found


def put(chosen: Groups, *, redraw: bool) -> None:
    """Keep the groups and write their text; `redraw` when rows came or went."""
    st.session_state[GROUPS] = chosen
    st.session_state[TEXT] = text_of(chosen)
    if redraw:
        fresh()


def fresh() -> None:
    """Give every widget of the builder a new identity, so that it shows what the text says."""
    st.session_state[NONCE] = st.session_state.get(NONCE, 0) + 1


def start_from(text: str) -> None:
    """Begin with another definition."""
    st.session_state[TEXT] = text
    st.session_state.pop(GROUPS, None)
    fresh()


def draw(shown: Groups, place: Place, left: Callable[[str], int]) -> None:
    """Draw the groups.

    Parameters
    ----------
    left : callable
        Customers an expression leaves; asked after each group.
    """
    for g, group in enumerate(shown):
        if g:
            st.caption(_("and"))
        with st.container(border=True, gap="xsmall"):
            remaining = left(text_of(shown[: g + 1])) if text_of(shown[: g + 1]) else 0
            note = ngettext("{n} customer left", "{n} customers left", remaining).format(n=fmt.count(remaining))
            st.markdown(f"**{_heading(group)}** :small[:gray[{note}]]")
            for r, row in enumerate(group):
                if r:
                    st.caption(_("or"))
                _row(shown, g, r, row, place)
            st.button(
                _("Or condition"), icon=":material/add:", type="tertiary", key=_key("or", g),
                on_click=_add, args=(shown, g),
            )  # fmt: skip
    st.button(_("And group"), icon=":material/add:", key=_key("and", 0), on_click=_add, args=(shown, None))


def _heading(group: tuple[Row, ...]) -> str:
    first = group[0].subject
    if first.endswith(("()", "_date")) or first in {"number_of_orders", "amount_spent", "aov"}:
        return _("What they did not do") if group[0].op == BEFORE_LAST else _("What they did")
    return _("What they will do") if ENTRIES[first].predicted else _("Who they are")


def _key(part: str, g: int, r: int = 0) -> str:
    return f"segment_{part}_{g}_{r}_{st.session_state.get(NONCE, 0)}"


def _add(shown: Groups, g: int | None) -> None:
    new = Row("number_of_orders", ">=", ("2",))
    if g is None:
        put((*shown, (new,)), redraw=True)
    else:
        put((*shown[:g], (*shown[g], new), *shown[g + 1 :]), redraw=True)


def _remove(shown: Groups, g: int, r: int) -> None:
    group = (*shown[g][:r], *shown[g][r + 1 :])
    put(((*shown[:g], *((group,) if group else ()), *shown[g + 1 :]) or EMPTY), redraw=True)


def _swap(shown: Groups, g: int, r: int, row: Row) -> Groups:
    group = (*shown[g][:r], row, *shown[g][r + 1 :])
    return (*shown[:g], group, *shown[g + 1 :])


def _row(shown: Groups, g: int, r: int, row: Row, place: Place) -> None:
    what, how, which, away = st.columns([3, 2, 3, 0.45], gap="xsmall", vertical_alignment="center")
    with what:
        st.selectbox(
            _("Attribute"), SUBJECTS, index=SUBJECTS.index(row.subject), format_func=subject_word,
            key=_key("what", g, r), label_visibility="collapsed", on_change=_changed_subject, args=(shown, g, r),
        )  # fmt: skip
    operators = OPERATORS[row.kind]
    with how:
        st.selectbox(
            _("Operator"), operators, index=operators.index(row.op), format_func=lambda op: _word(row.kind, op),
            key=_key("how", g, r), label_visibility="collapsed", on_change=_changed_operator, args=(shown, g, r),
        )  # fmt: skip
    with which:
        _value(row, place, _key("which", g, r), _changed_value, (shown, g, r))
    with away:
        st.button(
            "", icon=":material/close:", type="tertiary", key=_key("away", g, r), help=_("Remove this condition"),
            on_click=_remove, args=(shown, g, r),
        )  # fmt: skip


def subject_word(subject: str) -> str:
    """Return a subject in the reader's language, capitalised."""
    if subject.endswith("()"):
        name = subject[:-2]
        text = _("{what}, lately").format(what=FUNCTIONS[name].label(language()))
    else:
        text = attribute(subject).label(language())
    return text[:1].upper() + text[1:]


def _word(kind: str, op: str) -> str:
    return _(DATE_WORDS[op]) if kind == "date" and op in DATE_WORDS else _(WORDS[op])


def _changed_subject(shown: Groups, g: int, r: int) -> None:
    subject = st.session_state[_key("what", g, r)]
    kind = kind_of(subject)
    start = {"date": ("90",), "number": ("1",), "money": ("100",), "share": ("0.5",), "counted": ("1",)}.get(kind, ())
    days = 365 if kind == "counted" else 0
    put(_swap(shown, g, r, Row(subject, OPERATORS[kind][0], start, days)), redraw=True)


def _changed_operator(shown: Groups, g: int, r: int) -> None:
    row, op = shown[g][r], st.session_state[_key("how", g, r)]
    window = {IN_LAST, BEFORE_LAST}
    values = row.values
    if row.kind == "date" and (op in window) != (row.op in window):
        values = ("90",) if op in window else ()
    put(_swap(shown, g, r, replace(row, op=op, values=values)), redraw=True)


def _changed_value(shown: Groups, g: int, r: int) -> None:
    key, row = _key("which", g, r), shown[g][r]
    given = st.session_state.get(key)
    values = tuple(given) if isinstance(given, list) else (_typed(given),)
    days = int(st.session_state.get(f"{key}_days") or row.days)
    unit = str(st.session_state.get(f"{key}_unit") or row.unit)
    put(_swap(shown, g, r, replace(row, values=values, days=days, unit=unit)), redraw=False)


def _typed(given: Any) -> str:
    """Return what a widget holds as text without a needless ``.0``."""
    if given is None:
        return ""
    if isinstance(given, float):
        return f"{given:.6f}".rstrip("0").rstrip(".")
    return given.isoformat() if isinstance(given, date) else str(given)


def _value(row: Row, place: Place, key: str, changed: Callable[..., None], args: tuple[Any, ...]) -> None:
    """Draw the widget that fits the row's kind."""
    common: dict[str, Any] = {"key": key, "label_visibility": "collapsed", "on_change": changed, "args": args}
    if row.kind == "boolean":
        return
    if row.op in {"IN", "NOT IN"}:
        _many(row, place, common)
    elif row.kind == "date" and row.op not in {IN_LAST, BEFORE_LAST}:
        st.date_input(_("Day"), value=_day(row, place), format="DD.MM.YYYY", **common)
    elif row.kind == "text":
        _text(row, place, common)
    else:
        _number(row, place, common)


def _many(row: Row, place: Place, common: dict[str, Any]) -> None:
    options = list(attribute(row.subject).options) or list(_known(row.subject, place))
    options += [v for v in row.values if v not in options]
    st.multiselect(
        _("Values"), options, default=[v for v in row.values if v in options], placeholder=_("Choose"),
        format_func=lambda code: value_word(row.subject, code, place), **common,
    )  # fmt: skip


def _known(subject: str, place: Place) -> Mapping[str, str]:
    if subject in {"country", "customer_countries"}:
        return place.countries
    return place.channels if subject.endswith("channel") or subject == "channel" else {}


def value_word(subject: str, code: str, place: Place) -> str:
    """Return a value in the reader's language: group, consent, country or channel."""
    from segmentation.rfm import GROUP_LABELS

    if subject == "rfm_group":
        return GROUP_LABELS[language()].get(code, code)
    return _known(subject, place).get(code) or _(code.replace("_", " ").capitalize())


def _text(row: Row, place: Place, common: dict[str, Any]) -> None:
    known, value = _known(row.subject, place), row.values[0] if row.values else ""
    if known and row.op in {"=", "!="}:
        options = [*known, *([value] if value and value not in known else [])]
        st.selectbox(
            _("Value"), options, index=options.index(value) if value in options else None, placeholder=_("Choose"),
            format_func=lambda code: value_word(row.subject, code, place), **common,
        )  # fmt: skip
        return
    st.text_input(_("Value"), value=value, **common)


def _day(row: Row, place: Place) -> date | None:
    try:
        return date.fromisoformat(row.values[0]) if row.values else None
    except ValueError:
        return place.today


def _number(row: Row, place: Place, common: dict[str, Any]) -> None:
    """Draw a number, a length of time with its unit, or a number counted over a window."""
    whole = row.kind in {"number", "counted", "date"} and row.subject != "amount_spent()"
    if row.kind not in {"counted", "date"}:
        _one_number(row, place, common, whole=whole)
        return
    *first, unit = st.columns([1, 1.2] if row.kind == "date" else [1, 0.8, 1.2], gap="xsmall")
    with first[0]:
        _one_number(row, place, common, whole=whole)
    if row.kind == "counted":
        with first[1]:
            days = {**common, "key": f"{common['key']}_days"}
            st.number_input(_("Window"), value=row.days, min_value=1, step=1, format="%d", **days)
    with unit:
        units = list(UNITS)
        st.selectbox(
            _("Unit"), units, index=units.index(row.unit), format_func=lambda code: _unit(code, row),
            **{**common, "key": f"{common['key']}_unit"},
        )  # fmt: skip


def _unit(code: str, row: Row) -> str:
    return _(WINDOWS[code]) if row.kind == "counted" else _(UNITS[code])


def _one_number(row: Row, place: Place, common: dict[str, Any], *, whole: bool) -> None:
    text = row.values[0] if row.values and row.values[0] else None
    money = row.kind == "money" or row.subject == "amount_spent()"
    number = None if text is None else (int(float(text)) if whole else float(text))
    st.number_input(
        place.currency if money else _("Value"), value=number,
        step=1 if whole else (0.05 if row.kind == "share" else 10.0), format="%d" if whole else "%.2f", icon=None,
        **common,
    )  # fmt: skip

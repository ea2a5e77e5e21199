"""How one product sells: what happens when it is sold out, what channels may take, its lots, what a bundle holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import actions, blocks, data, desk, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.views import basket
from app.views.return_actions import do
from app.views.sku_search import sku_choice

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.data import Place

ACTOR = actions.ACTOR
POLICIES = {
    "deny": N_("Refuse the order"), "backorder": N_("Promise it all the same"),
    "preorder": N_("Promise what open purchase orders bring"),
}  # fmt: skip
#: Pixels of the search for a product.
_WIDTH = 520
#: What "for every product", "at every location" is in a choice.
_ALL = 0


def load(session: Session, variant_id: int, zone: str) -> dict[str, Any]:
    """Return how a product sells: ``policy, tracks_lots, kind, lots, promises, components, rules``."""
    from oms_core.backorders.atp import atp
    from oms_core.catalog.bundles import components_of
    from oms_core.catalog.tables import Variant
    from oms_core.inventory.channels import rules_list
    from oms_core.inventory.lots import lots_of

    found = session.get_one(Variant, variant_id)
    held = components_of(session.connection(), [variant_id])[variant_id]
    return {
        "policy": found.oversell_policy, "tracks_lots": found.tracks_lots, "kind": found.stock_kind,
        "lots": lots_of(session, variant_id) if found.tracks_lots else [],
        "promises": atp(session, variant_id, zone=zone) if found.stock_kind == "stocked" else [],
        "components": [(c.quantity, c.sku, c.title) for c in held],
        "rules": [rule for rule in rules_list(session) if rule["sku"] in {None, "", found.sku}],
    }  # fmt: skip


def render(place: Place) -> None:
    """Draw the search, and everything about the product that is chosen."""
    blocks.section(
        _("How does a product sell?"),
        _("What happens when it is sold out, what each channel may take, which lots there are, what a bundle holds"),
    )
    with st.container(width=_WIDTH):
        chosen = sku_choice(key="selling", label=_("Product you want to look at"))
    if chosen is None:
        return
    facts = desk.read(lambda s: load(s, int(chosen["id"]), place.zone))
    left, right = st.columns(2, gap="medium")
    with left:
        with blocks.guard("selling_policy"):
            _policy(chosen, facts)
        with blocks.guard("selling_lots"):
            _lots(chosen, facts)
    with right:
        with blocks.guard("selling_rules"):
            _rules(chosen, facts["rules"])
        with blocks.guard("selling_bundle"):
            _bundle(chosen, facts)


def promised(promises: Sequence[tuple[Any, int]]) -> str:
    """Return what may be promised by which day, in a sentence; pure."""
    if not promises:
        return ""
    first, *later = promises
    said = _("{n} may be promised now").format(n=fmt.count(first[1]))
    rest = [_("{n} by {day}").format(n=fmt.count(units), day=fmt.day(day)) for day, units in later[:3]]
    return ", ".join([said, *rest]) + "."


def _policy(chosen: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    from oms_core.backorders.promising import set_policy

    blocks.section(_("What happens when it is sold out?"), promised(facts["promises"]), small=True)
    wanted = st.radio(
        _("When it is sold out"), list(POLICIES), index=list(POLICIES).index(facts["policy"]),
        format_func=lambda code: _(POLICIES[code]), key=f"selling_policy_{chosen['sku']}",
        label_visibility="collapsed",
    )  # fmt: skip
    do(
        _("Keep this"), lambda s: set_policy(s, chosen["id"], str(wanted), actor=ACTOR),
        _("Orders from now on go by it"), key="selling_policy_save", disabled=wanted == facts["policy"],
        kind="secondary",
    )  # fmt: skip


def _lots(chosen: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    from oms_core.inventory.lots import start_tracking

    blocks.section(_("Which lots are there?"), small=True)
    if not facts["tracks_lots"]:
        st.caption(_("Lots are not told apart. Once they are, every receipt names its lot; that stays so."))
        do(
            _("Tell lots apart"), lambda s: start_tracking(s, variant_id=chosen["id"], actor=ACTOR),
            _("What is there is lot OPENING"), key="selling_track", kind="secondary",
        )  # fmt: skip
        return
    if not facts["lots"]:
        st.caption(_("No unit of any lot is here."))
        return
    columns = {
        "lot": tables.text(_("Lot"), 120), "expires_on": tables.day(_("Expires")),
        "location": tables.text(_("Location"), 100), "quantity": tables.count(_("Units")),
    }  # fmt: skip
    rows = pl.DataFrame(facts["lots"], schema_overrides={"expires_on": pl.Date})
    blocks.table(rows, columns, key="selling_lots", alt=_("Lots of the product"))


def _rules(chosen: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> None:
    blocks.section(
        _("What may each channel take?"),
        _("The most specific rule counts; without one a channel sees all."),
        small=True,
    )
    everything = _("everything")
    if rules:
        names = [_("Channel"), _("Product"), _("Location"), _("Keeps back"), _("Keeps for itself"), _("Sold")]
        rows = [
            (
                rule["channel"], rule["sku"] or everything, rule["location"] or everything,
                fmt.count(rule["buffer_qty"]), fmt.count(rule["protected_qty"]),
                _("yes") if rule["is_offered"] else _("no"),
            )
            for rule in rules
        ]  # fmt: skip
        st.table(pl.DataFrame(rows, schema=names, orient="row"), border="horizontal", hide_index=True)
    with st.popover(_("Write a rule"), icon=":material/add:"):
        _write_rule(chosen)
    if rules:
        with st.popover(_("Take a rule away"), icon=":material/remove:"):
            told = {n: f"{r['channel']} · {r['sku'] or everything} · {r['location'] or everything}"
                    for n, r in enumerate(rules)}  # fmt: skip
            n = st.selectbox(_("Rule"), list(told), format_func=told.__getitem__, key="selling_rule_gone")
            do(
                _("Take it away"), partial(_drop_rule, rule=rules[int(n or 0)]), _("The rule is gone"),
                key="selling_rule_drop", kind="secondary",
            )  # fmt: skip


def _write_rule(chosen: Mapping[str, Any]) -> None:
    from oms_core.inventory.channels import set_rule

    channels = desk.read(_channels)
    places = {_ALL: _("Every location"), **dict(data.locations().select("location_id", "name").iter_rows())}
    channel = st.selectbox(_("Channel"), list(channels), format_func=channels.__getitem__, key="selling_rule_channel")
    place = st.selectbox(_("Location"), list(places), format_func=places.__getitem__, key="selling_rule_place")
    wide = st.checkbox(_("For every product"), key="selling_rule_wide")
    left, right = st.columns(2)
    buffer = int(left.number_input(_("Keeps back"), min_value=0, step=1, key="selling_rule_buffer",
                                   help=_("Units the channel never sees.")))  # fmt: skip
    own = int(right.number_input(_("Keeps for itself"), min_value=0, step=1, key="selling_rule_own",
                                 help=_("Units no other channel may take.")))  # fmt: skip
    offered = st.checkbox(_("The channel sells it"), value=True, key="selling_rule_offered")
    do(
        _("Write the rule"),
        lambda s: set_rule(
            s, channel_id=int(channel or 0), variant_id=None if wide else int(chosen["id"]),
            location_id=place or None, buffer_qty=buffer, protected_qty=own, is_offered=offered, actor=ACTOR,
        ),
        _("The rule is written"), key="selling_rule_write", disabled=channel is None,
    )  # fmt: skip


def _channels(session: Session) -> dict[int, str]:
    import sqlalchemy as sa

    from oms_core.locations.tables import Channel

    rows = session.execute(sa.select(Channel.id, Channel.name).order_by(Channel.position, Channel.id))
    return {row.id: row.name for row in rows}


def _drop_rule(session: Session, *, rule: Mapping[str, Any]) -> bool:
    from oms_core.inventory.channels import channel_named, drop_rule
    from oms_core.inventory.queries import location_of, variant_of

    drop_rule(
        session, channel_id=channel_named(session, rule["channel"]).id,
        variant_id=variant_of(session, rule["sku"]).id if rule["sku"] else None,
        location_id=location_of(session, rule["location"]).id if rule["location"] else None, actor=ACTOR,
    )  # fmt: skip
    return True


def _compose(session: Session, *, bundle: int, units: Mapping[int, int]) -> bool:
    from oms_core.catalog.bundles import set_components

    set_components(session, bundle, units, actor=ACTOR)
    return True


def _bundle(chosen: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    blocks.section(_("Is it a bundle?"), small=True)
    for quantity, sku, title in facts["components"]:
        st.markdown(f"{quantity} × {fmt.product(title)} :gray[{sku}]")
    if not facts["components"]:
        st.caption(_("It is sold as it is. A bundle has no stock of its own; its components have."))
    with st.expander(_("Say what it holds"), icon=":material/inventory_2:"):
        rows = basket.draw(key=f"selling_bundle_{chosen['sku']}")
        wanted = {int(row["id"]): int(row["units"]) for row in rows}
        label = ngettext("Make it a bundle of {n} product", "Make it a bundle of {n} products", len(wanted))
        do(
            label.format(n=fmt.count(len(wanted))),
            partial(_compose, bundle=int(chosen["id"]), units=wanted),
            _("Orders from now on ship its components"), key="selling_bundle_save", disabled=not wanted,
        )  # fmt: skip

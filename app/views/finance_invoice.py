"""One invoice in a drawer: its facts, its papers in both languages, its lines, what corrects it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from app import blocks, books, data, links, sight, states
from app import format as fmt
from app.documents import invoice as paper
from app.i18n import LANGUAGES, _, ngettext
from app.views import finance_correct
from app.views.finance_words import plain

KEY = "invoice"
WIDTH = 760

Invoice = Mapping[str, Any]


def show(number: str) -> None:
    """Open the drawer of an invoice, by its number or (a draft) its order's."""

    @st.dialog(_("Invoice {number}").format(number=number), position="right", width=WIDTH, on_dismiss=_closed)
    def drawer() -> None:
        with blocks.guard("invoice"):
            invoice = books.invoice(number)
            _head(invoice)
            _papers(invoice)
            _facts(invoice)
            _lines(invoice)
            _corrections(invoice)
            if invoice["state"] != "draft":
                with st.expander(_("Correct by hand"), icon=":material/edit:"), blocks.guard("invoice_correct"):
                    finance_correct.render(invoice)

    drawer()


def _closed() -> None:
    links.close_detail(KEY)


def _head(invoice: Invoice) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.badge(states.word(invoice["state"]), color=states.colour("invoice", invoice["state"]))  # type: ignore[arg-type]
        if st.button(
            _("Order #{number}").format(number=invoice["order"]), type="tertiary", icon=":material/receipt_long:",
            key="invoice_to_order",
        ):  # fmt: skip
            links.close_detail(KEY)
            links.go("orders", view="all", order=invoice["order"])
        st.caption(invoice["buyer_name"] or _("Private person"), width="content")


def _papers(invoice: Invoice) -> None:
    """Draw the downloads: the paper in each language, and its lines. All of them name the buyer."""
    if not sight.sees_personal():
        return
    shop = data.shop()
    stem = (invoice["number"] or f"draft-{invoice['order']}").replace("/", "-")
    with st.container(horizontal=True, gap="xsmall"):
        for suffix, mime, icon in (("pdf", "application/pdf", "picture_as_pdf"), ("csv", "text/csv", "table")):
            for spoken in LANGUAGES:
                st.download_button(
                    f"{suffix.upper()} {spoken.upper()}",
                    partial(paper.render, invoice, shop, suffix=f".{suffix}", language=spoken),
                    file_name=f"{stem}_{spoken}.{suffix}", mime=mime, on_click="ignore", icon=f":material/{icon}:",
                    key=f"invoice_{suffix}_{spoken}",
                )  # fmt: skip


def _facts(invoice: Invoice) -> None:
    currency = invoice["currency"]
    days = {name: invoice[f"{name}_on"] for name in ("issued", "sold", "due")}
    said = {name: fmt.day(day, year=True) if day else "" for name, day in days.items()}
    shop_money = invoice["shop_gross_minor"] is not None and invoice["shop_currency"] != currency
    pairs = {
        _("Net"): fmt.money(invoice["net_minor"], currency),
        _("Tax"): fmt.money(invoice["tax_minor"], currency),
        _("Gross"): fmt.money(invoice["gross_minor"], currency),
        _("In the shop's currency"): fmt.money(invoice["shop_gross_minor"], invoice["shop_currency"])
        + f" ({invoice['shop_rate']})" if shop_money else "",
        _("Issued on"): said["issued"],
        _("Sold on"): said["sold"],
        _("Due on"): said["due"],
        _("Tax number"): invoice["buyer_tax_id"],
        _("Address"): invoice["buyer_address"],
        _("Corrects"): invoice["corrects"] or "",
        _("Reason"): invoice["reason"],
    }  # fmt: skip
    blocks.facts({name: value for name, value in pairs.items() if value})


def _lines(invoice: Invoice) -> None:
    currency = invoice["currency"]
    blocks.section(
        _("Lines"), ngettext("{n} line", "{n} lines", len(invoice["lines"])).format(n=len(invoice["lines"])), small=True
    )
    rows = [
        (
            str(line["position"]), f"{line['sku']} {line['title']}".strip(), str(line["quantity"]),
            rate(line["tax_bp"]), *(plain(fmt.money(line[f"{name}_minor"], currency)) for name in ("net", "gross")),
        )
        for line in invoice["lines"]
    ]  # fmt: skip
    names = [_("Line"), _("Product"), _("Units"), _("Tax rate"), _("Net"), _("Gross")]
    st.table(pl.DataFrame(rows, schema=names, orient="row"), border="horizontal", hide_index=True)


def rate(tax_bp: int | None) -> str:
    """Return a tax rate in words; a dash where the amounts do not tell it."""
    return _("–") if tax_bp is None else fmt.percent(tax_bp / 10_000, 0 if tax_bp % 100 == 0 else 2)


def _corrections(invoice: Invoice) -> None:
    if not invoice["corrections"]:
        return
    blocks.section(_("Corrections"), small=True)
    for one in invoice["corrections"]:
        money = plain(fmt.money(one["gross_minor"], invoice["currency"]))
        st.markdown(
            f"**{one['number']}** {money}  \n:small[:gray[{fmt.day(one['issued_on'], year=True)} · {one['reason']}]]"
        )

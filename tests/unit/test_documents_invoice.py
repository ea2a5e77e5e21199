"""The invoice on paper: what stands on it in both languages, a correction's three tables, the CSV."""

from __future__ import annotations

import csv as csv_reader
import io
from datetime import date

import pdfplumber
import pytest

from app.documents import invoice as paper
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.settings import Shop


def line(position: int, *, before: tuple[int, int, int] = (0, 0, 0), after: tuple[int, int, int]):
    (bq, bn, bt), (aq, an, at) = before, after
    return {
        "position": position, "kind": "goods", "sku": f"2211{position}", "title": "Zażółć gęślą jaźń <b>",
        "tax_bp": 2300,
        "before_qty": bq, "before_net_minor": bn, "before_tax_minor": bt, "after_qty": aq, "after_net_minor": an,
        "after_tax_minor": at, "quantity": aq - bq, "net_minor": an - bn, "tax_minor": at - bt,
        "gross_minor": an - bn + at - bt,
    }  # fmt: skip


def invoice(lines, **given):
    sums = {f"{n}_minor": sum(x[f"{n}_minor"] for x in lines) for n in ("net", "tax", "gross")}
    return {
        "number": "FV/2026/00001", "kind": "invoice", "state": "issued", "order": "OS-000007", "corrects": None,
        "corrects_issued_on": None, "reason": "", "currency": "PLN", "is_simulated": False,
        "seller_name": "Sklep Pod Zegarem sp. z o.o.", "seller_address": "Rynek 1, 50-001 Wrocław",
        "seller_tax_id": "5260001246", "seller_account": "PL61 1090 1014", "buyer_name": "Anna Żółw",
        "buyer_address": "ul. Źródlana 5, 90-001 Łódź", "buyer_country": "PL", "buyer_tax_id": "7740001454",
        "issued_on": date(2026, 3, 2), "sold_on": date(2026, 3, 1), "due_on": date(2026, 3, 16), "shop_currency": "PLN",
        "shop_rate": "1", "shop_rate_on": date(2026, 3, 2), "shop_tax_minor": sums["tax_minor"], "lines": lines,
        "rates": [{"tax_bp": 2300, **sums}], **sums, **given,
    }  # fmt: skip


def text_of(data: bytes) -> str:
    with pdfplumber.open(io.BytesIO(data)) as opened:
        return " ".join(page.extract_text() for page in opened.pages).replace("\n", " ").replace("\u00a0", " ")


def test_the_polish_invoice_says_everything_a_buyer_needs():
    text = text_of(paper.pdf(invoice([line(1, after=(2, 2000, 460))]), language="pl"))
    for wanted in (
        "Faktura", "FV/2026/00001", "Sprzedawca", "Sklep Pod Zegarem", "NIP 5260001246", "Nabywca", "Anna Żółw",
        "ul. Źródlana 5", "NIP 7740001454", "Data wystawienia 2 mar 2026", "Data sprzedaży 1 mar 2026",
        "Termin płatności 16 mar 2026", "OS-000007", "Zażółć gęślą jaźń <b>", "20,00", "23%", "4,60", "24,60",
        "Razem do zapłaty", "Rachunek PL61 1090 1014", "Strona 1 z 1",
    ):  # fmt: skip
        assert wanted in text, wanted


def test_a_correction_names_the_original_and_shows_before_after_and_the_difference():
    changed = invoice(
        [line(1, before=(2, 2000, 460), after=(1, 1000, 230))], number="FK/2026/00001", kind="correction",
        corrects="FV/2026/00001", corrects_issued_on=date(2026, 3, 2), reason="zwrot R-1",
    )  # fmt: skip
    text = text_of(paper.pdf(changed, language="en"))
    for wanted in (
        "Correction invoice", "FV/2026/00001, 2 Mar", "Reason: zwrot R-1", "Before", "After", "Difference", "24.60",
        "To be given back", "12.30",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert "Account" not in text  # nothing is to be paid to us


def test_a_draft_and_a_foreign_currency_say_so():
    given = {"state": "draft", "number": None, "currency": "EUR", "shop_tax_minor": 1960, "shop_rate": "4.2610"}
    text = text_of(paper.pdf(invoice([line(1, after=(2, 2000, 460))], **given), language="en"))
    assert "Draft: not an invoice yet" in text
    assert "at 4.2610 (PLN) of 2 Mar 2026" in text


@pytest.mark.parametrize(("language", "separator", "net"), [("en", ",", "-10.00"), ("pl", ";", "-10,00")])
def test_the_csv_has_units_before_and_after(language, separator, net):
    data = paper.csv(invoice([line(1, before=(2, 2000, 460), after=(1, 1000, 230))]), language=language)
    _, row = csv_reader.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=separator)
    assert row[5:9] == ["2", "1", "-1", net]


def test_another_file_or_language_is_refused():
    with pytest.raises(InvalidInput, match="an invoice is written"):
        paper.render(invoice([]), Shop(), suffix=".doc")
    with pytest.raises(InvalidInput, match="one of en, pl"):
        paper.render(invoice([]), Shop(), suffix=".pdf", language="de")

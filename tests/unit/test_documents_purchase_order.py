"""The paper a supplier gets: what stands on it, in both languages, and that a spreadsheet cannot run it."""

from __future__ import annotations

import csv as csv_reader
import io
from datetime import UTC, date, datetime

import pdfplumber
import pytest

from app.documents import purchase_order
from app.documents.paper import FONTS
from app.documents.table_file import csv_bytes, safe
from oms_core.kernel.settings import Shop

SHOP = Shop(name="Sklep Pod Zegarem", zone="Europe/Warsaw")


def order(lines: int = 2, **given):
    rows = [
        {
            "position": i, "sku": f"2211{i}", "supplier_sku": f"AC-{i}", "barcode": "5901234123457",
            "title": "Zażółć gęślą jaźń <b>& Co</b>", "quantity": 24 * i, "pack_qty": 12, "unit_cost_minor": 253,
            "value_minor": 24 * i * 253,
        }
        for i in range(1, lines + 1)
    ]  # fmt: skip
    return {
        "number": "PO-1048", "state": "sent", "currency": "PLN", "note": "Rampa nr 2", "is_simulated": False,
        "total_minor": sum(r["value_minor"] for r in rows),
        "created_at": datetime(2010, 12, 8, 12, tzinfo=UTC), "sent_at": datetime(2010, 12, 8, 23, 30, tzinfo=UTC),
        "expected_on": date(2010, 12, 15),
        "supplier": {"name": "Fenwick Łódź", "email": "a@b.example", "country": "PL", "payment_days": 30},
        "location": {"name": "Magazyn", "postal_code": "50-001", "city": "Wrocław", "country": "PL"},
        "lines": rows, **given,
    }  # fmt: skip


def pages(data: bytes) -> list[str]:
    with pdfplumber.open(io.BytesIO(data)) as opened:
        return [page.extract_text() for page in opened.pages]


def test_the_polish_paper_says_everything_a_supplier_needs():
    (text,) = pages(purchase_order.pdf(order(), SHOP, language="pl"))
    for wanted in (
        "Sklep Pod Zegarem", "PO-1048", "Fenwick Łódź", "50-001 Wrocław", "9 gru 2010", "15 gru 2010",
        "30 dni od faktury", "Zażółć gęślą jaźń <b>& Co</b>", "AC-2", "4 × 12", "121,44", "Razem netto", "182,16",
        "2 pozycje · 72 sztuki", "Rampa nr 2", "Strona 1 z 1",
    ):  # fmt: skip
        assert wanted in text.replace("\n", " ").replace("\u00a0", " "), wanted


def test_the_order_date_is_the_shops_day_not_utc():
    (text,) = pages(purchase_order.pdf(order(), SHOP, language="en"))
    assert "Order date 9 Dec 2010" in text  # 23:30 UTC on the 8th


def test_a_long_order_repeats_its_header_and_counts_its_pages():
    found = pages(purchase_order.pdf(order(90), SHOP, language="en"))
    assert len(found) > 2
    assert all("Your code" in text for text in found[:-1])
    assert [f"Page {n} of {len(found)}" in text for n, text in enumerate(found, 1)] == [True] * len(found)
    assert "90 lines · 98,280 units" in found[-1]


@pytest.mark.parametrize(
    ("given", "said"),
    [({"state": "draft"}, "Draft: not an order yet"), ({"state": "cancelled"}, "Cancelled: do not deliver"),
     ({"is_simulated": True}, "Simulated")],
)  # fmt: skip
def test_what_is_no_real_order_says_so_on_every_page(given, said):
    assert all(said in text for text in pages(purchase_order.pdf(order(60, **given), SHOP, language="en")))
    assert all(said not in text for text in pages(purchase_order.pdf(order(), SHOP, language="en")))


def test_fonts_are_inside_and_their_licence_beside_them():
    with pdfplumber.open(io.BytesIO(purchase_order.pdf(order(), SHOP, language="pl"))) as opened:
        used = {char["fontname"] for page in opened.pages for char in page.chars}
    assert {name.split("+")[1] for name in used} == {"IBMPlexSans-Regular", "IBMPlexSans-SemiBold"}
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text(encoding="utf-8")


def test_same_order_same_bytes():
    first, second = (purchase_order.pdf(order(), SHOP, language="pl") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("language", "separator", "cost", "value"), [("en", ",", "2.53", "60.72"), ("pl", ";", "2,53", "60,72")]
)
def test_the_csv_opens_in_the_readers_own_spreadsheet(language, separator, cost, value):
    data = purchase_order.csv(order(), language=language)
    assert data.startswith(b"\xef\xbb\xbf")
    header, first, _second = csv_reader.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=separator)
    row = dict(zip(header, first, strict=True))
    assert list(row.values())[6:] == ["24", cost, value, "PLN", "2010-12-15"]
    assert row["SKU"] == "22111"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "|calc", "%0A"])
def test_no_cell_is_run_as_a_formula(text):
    assert safe(text) == f"'{text}"
    assert f"'{text}" in csv_bytes(["a"], [[text]], language="en").decode("utf-8-sig")


@pytest.mark.parametrize("text", ["", "White skull", "22-114", "żółć", "a=b"])
def test_plain_text_stays_as_it_is(text):
    assert safe(text) == text

"""Products and Cohorts: the registry's numbers by product and place, explained; in both languages."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import polars as pl
from page_reader import Open, words

from analytics import standing
from analytics.explain import asked, explained, total
from analytics.past import instant
from app import data, exports, patterns
from app.filters import Filters
from app.views import cohorts, product_matrix, products, ready_reports, sales_restated
from app.views.product_choice import Choice


def test_products_tell_where_each_grows_and_why(shop: Open) -> None:
    at = shop("products")
    assert not at.exception
    assert "This card failed" not in words(at)
    for question in ("Where does each product grow?", "Why did ", "Order lines of "):
        assert question in words(at)
    chosen = Filters("28d", date(2010, 11, 12), date(2010, 12, 10))
    for choice in (Choice("gross_sales", "sku", "country_channel"), Choice("return_rate", "category", "region")):
        facts, place = products.load(chosen, choice), data.place()
        matrix = product_matrix.build(facts, choice, place)
        assert len(matrix.rows) == min(14, facts.items.drop_nulls(choice.slug).height)
        assert {len(row.cells) for row in matrix.rows} == {len(matrix.heads)}
        assert product_matrix.figure(matrix).data[1].text
        sheet = products.sheet(facts, choice, chosen, place)
        book = openpyxl.load_workbook(io.BytesIO(exports.xlsx(sheet)))
        assert book.worksheets[0].max_row == 1 + sheet.rows == 1 + facts.cells.height
    frame = data.ask_filtered(asked("net_sales", ("channel",)), chosen, by=("channel",))
    whole = total(explained(frame, "net_sales")).row(0, named=True)
    assert whole["volume"] + whole["price"] + whole["mix"] == whole["change"]


def test_every_number_that_knows_products_and_places_can_be_chosen() -> None:
    known = products.choices()
    wanted = {"gross_sales", "net_sales", "units", "returns", "return_rate", "gross_margin", "contribution_margin"}
    assert wanted <= set(known)
    assert "on_hand" not in known


def test_pages_speak_polish_and_take_what_the_address_says(shop: Open) -> None:
    at = shop("products", lang="pl", products_metric="units", products_columns="month", products_rows="category")
    assert at.title[0].value == "Produkty"
    assert at.selectbox(key="products_metric").value == "units"
    at = shop("cohorts", lang="pl", cohorts_measure="revenue")
    assert (at.title[0].value, "Ile warta jest kohorta?" in words(at)) == ("Kohorty", True)
    assert "This card failed" not in words(at)


def test_sales_are_looked_at_from_the_past_and_say_what_changed_since(shop: Open) -> None:
    at = shop("sales", period="custom", range=["2010-11-29", "2010-12-05"], known="2010-12-06", compare="none")
    assert not at.exception
    assert "This card failed" not in words(at)
    assert "What changed since 6 Dec 2010?" in words(at)
    place, before = data.place(), instant("2010-12-06", data.shop().zone)
    span = {"since": date(2010, 11, 29), "until": date(2010, 12, 6)}
    found = patterns.restated(("net_sales_cohort",), before, span["since"], span["until"], None)
    [then] = data.ask(["net_sales_cohort"], as_of=before, **span)["net_sales_cohort"]
    [now] = data.ask(["net_sales_cohort"], **span)["net_sales_cohort"]
    assert sum(row["change"] for row in found) == now - then
    assert sales_restated.rows(found, place).height == min(len(found), sales_restated.MOST)
    told = [{"order": "1", "why": "returned+refunded", "at": None, "change": -900}]
    assert sales_restated.answer(told, place) == "-£9 by 1 order; most of it returned, refunded"
    assert "Closed days stay closed" in sales_restated.answer([], place)


def test_cohorts_are_the_registrys_customers(shop: Open) -> None:
    shop("cohorts")
    place = data.place()
    found = patterns.cohorts(place.today)
    asked_for = data.ask(["new_customers"], by=("month",)).filter(pl.col("new_customers") > 0)
    sizes = found.filter(pl.col("month") == 0).select("cohort", "size").rows()
    assert sizes == asked_for.select("month", "new_customers").rows()
    for measure in cohorts.MEASURES:
        view = cohorts.build(found, measure, place)
        assert view.answer
        assert len(view.figure.layout.annotations) == found.height
    assert cohorts.sheet(found, place).rows == found.height


def test_ready_reports_open_in_both_languages_and_leave_as_rows(shop: Open) -> None:
    titles = {"en": "What is sold out, and what does a day without it cost?", "pl": "Którzy dostawcy dotrzymują słowa?"}
    for language, name in (("en", "sold_out"), ("pl", "suppliers")):
        at = shop("reports", report=name, lang=language)
        assert not at.exception
        assert not at.error
        assert titles[language] in words(at)
    rows = standing.answer(data.floor().replica, data.shop(), standing.report("overstock"))
    sheet = ready_reports.sheet(rows, standing.report("overstock"), data.place())
    assert sheet.rows == rows.height
    assert {"sku", "surplus", "markdown", "cash", "currency"} <= set(sheet.frame.columns)

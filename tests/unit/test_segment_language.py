"""The segment language as people type it: read back, laid out, advised, refused with place and cure."""

from __future__ import annotations

import time
from datetime import date

import pytest

from oms_core.kernel.expressions import ExpressionFault, as_lines, as_text, lint, parse
from segmentation.attributes import ABSENT, ATTRIBUTES
from segmentation.library import in_words, understand

TODAY = date(2026, 11, 22)

READ = (
    ("orders_placed(since: 30_days_ago) = true", "orders_placed MATCHES (date >= -30d)"),
    ("orders_placed(count: 2, channel: 'web') != true", "orders_placed NOT MATCHES (channel = 'web', count >= 2)"),
    ("NOT products_purchased not_matches (sku='A')", "NOT products_purchased NOT MATCHES (sku = 'A')"),
    ("store_credit_accounts MATCHES ()", "store_credit_accounts MATCHES ()"),
    ("customer_within_distance MATCHES (coordinates='52,21', distance_km=5)",
     "customer_within_distance(coordinates: '52,21', distance_km: 5) = TRUE"),
    ("anniversary('first_order_date') BETWEEN today AND +30d",
     "anniversary(date: 'first_order_date') BETWEEN today AND 30d"),
    ("IN_EU and AOV>=12.50 or country=('pl','de')", "(in_eu = TRUE AND aov >= 12.50) OR country IN ('pl', 'de')"),
    ("last_order_date = '2026-01-31'", "last_order_date = 2026-01-31"),
)  # fmt: skip


def test_every_spelling_reads_as_one_canonical_form():
    for text, canonical in READ:
        assert as_text(understand(text)) == canonical
        assert as_text(understand(canonical)) == canonical


def test_a_long_definition_is_laid_out_and_still_the_same():
    tree = understand(
        "in_europe AND (aov > 200 OR number_of_orders >= 5 AND amount_spent(since: -12m) > 1000 AND return_rate < 0.2)"
        " AND email_subscription_status = 'subscribed'"
    )
    lines = as_lines(tree)
    assert lines.split("\n")[1] == "AND ("
    assert max(map(len, lines.split("\n"))) <= 90
    assert parse(lines) == parse(as_text(tree))


ADVICE = (
    ("aov > 100 AND country = 'PL' AND aov < 50", ["lint.contradiction"]),
    ("country = 'PL' AND country = 'pl '", ["lint.contradiction"]),
    ("last_order_date >= -30d AND last_order_date < -90d", ["lint.contradiction"]),
    ("country != 'PL' OR country != 'DE' OR country IS NULL", ["lint.covers_all"]),
    ("aov > 5 OR aov <= 5", ["lint.covers_all"]),
    ("return_rate > 1", ["lint.never"]),
    ("aov BETWEEN 5 AND 1", ["lint.never"]),
    ("number_of_orders >= 0", ["lint.always"]),
    ("aov > 5 AND aov > 3", ["lint.adds_nothing"]),
    ("aov > 5 OR city = 'Łódź' OR aov > 5", ["lint.repeated"]),
    ("city NOT CONTAINS 'x'", ["lint.unknown_kept"]),
    ("city != 'x' AND city IS NOT NULL", []),
    ("orders_placed(since: 7_days_ago) = TRUE", ["lint.old_spelling", "lint.old_spelling"]),
    ("city <> 'a = 30_days_ago <>' AND city IS NOT NULL", ["lint.old_spelling"]),
    ("channel = 'web' AND channel = 'shop'", []),  # a list: both may be true
    ("aov > 5 AND aov < 100 AND number_of_orders IN (1, 2)", []),
)


def test_what_is_probably_not_meant_is_said_with_its_place():
    for text, codes in ADVICE:
        found = lint(text, understand(text), ATTRIBUTES, TODAY)
        assert [one.code for one in found] == codes, text
        assert all(one.line == 1 and one.column >= 1 and one.clause for one in found)
    (one,) = lint("aov > 1\nAND return_rate > 2", understand("aov > 1\nAND return_rate > 2"), ATTRIBUTES, TODAY)
    assert (one.line, one.column) == (2, 5)


REFUSED = (
    ("rfm_grup = 'X'", "unknown_attribute", 1, "rfm_group"),
    ("aov > 1 AND orders_plced MATCHES ()", "unknown_function", 13, "orders_placed"),
    ("orders_placed MATCHES (date >= -30d, amout > 5)", "unknown_attribute", 38, "amount"),
    ("orders_placed MATCHES (date CONTAINS 'x')", "type", 24, "It takes"),
    ("products_purchased MATCHES (quantity = 'two')", "type", 29, "a number"),
    ("aov > 'much'", "type", 1, "a number"),
    ("last_order_date > 5", "type", 1, "a date"),
    ("rfm_group = 'CHAMPION'", "type", 1, "CHAMPIONS"),
    ("orders_placed(count: 3) >= 3", "type", 1, "MATCHES"),
    ("orders_placed() IS NULL", "type", 1, "counts as 0"),
    ("customer_within_distance(coordinates: '152,21', distance_km: 5)", "type", 1, "coordinates"),
    ("customer_within_distance(coordinates: '52,21')", "type", 1, "distance_km"),
    ("customer_within_distance(coordinates: '52,21', distance_km: 5, distance_mi: 5)", "type", 1, "distance_km"),
    ("anniversary(date: 'birthday') = today", "type", 1, "first_order_date"),
    ("anniversary(date: 'first_order_date') > today", "type", 1, "BETWEEN"),
    ("segment('x') = 3", "type", 1, "TRUE or FALSE"),
    ("city = 'a\x00b'", "syntax", 8, "zero byte"),
    ("orders_placed MATCHES date > 1", "syntax", 23, ""),
)


def test_a_mistake_has_one_code_its_place_and_a_cure():
    for text, code, column, hint in REFUSED:
        with pytest.raises(ExpressionFault) as fault:
            understand(text)
        assert (fault.value.code, fault.value.facts["column"]) == (f"expression.{code}", column), text
        assert hint in fault.value.hint, (text, fault.value.hint)
        assert fault.value.message.count(". ") == 0


def test_shopifys_filters_without_data_are_answered_with_what_to_ask_instead():
    for name, hint in ABSENT.items():
        for text in (f"{name} = 'x'", f"{name} MATCHES ()"):
            with pytest.raises(ExpressionFault) as fault:
                understand(text)
            assert (fault.value.code, fault.value.hint) == ("expression.no_source", hint)


LARGE = (
    (" OR ".join(["aov>1"] * 10_000), "100 conditions"),
    ("NOT " * 10_000 + "in_eu", "20 deep"),
    ("in_eu AND (" * 3_000 + "in_eu" + ")" * 3_000, "20 deep"),
    ("(" * 20_000 + "in_eu" + ")" * 19_999, "parenthesis"),
    (f"country IN ({', '.join(['1'] * 1_001)})", "1000 items"),
    (f"orders_placed MATCHES ({', '.join(['count > 1'] * 101)})", "100 conditions"),
    ("aov > 1 OR " * 100_000 + "in_eu", "signs"),
)


def test_what_is_too_large_is_refused_in_one_sentence_and_soon():
    for text, said in LARGE:
        begun = time.process_time()
        with pytest.raises(ExpressionFault) as fault:
            understand(text)
        assert time.process_time() - begun < 3
        assert said in fault.value.message + fault.value.hint
        assert fault.value.facts["column"] >= 1
        assert len(fault.value.message) < 200


def test_a_definition_is_said_in_both_languages():
    tree = understand("orders_placed MATCHES (date >= -90d, count >= 2) AND NOT segment('vip') AND aov > 200")
    assert in_words(tree) == (
        "has orders placed where the day at most 90 days ago and their number is at least 2"
        " and it is not so that member of the segment (name “vip”) and average order value is more than 200"
    )
    assert in_words(understand("products_purchased NOT MATCHES (category = 'Tea')"), "pl") == (
        "nie ma: kupione produkty, gdzie kategoria: „Tea”"
    )

"""A marketer's morning, as typed, on both databases: find the people, count them, take a file, be able to explain it.

The shop is the golden one of twelve orders (`analytics_shop`): Ann in Poland, Ben in Germany, Cy in Britain. Ann
and Cy agreed to e-mail, Ben withdrew; Eve registered, never bought, and was erased.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import timedelta

import analytics_shop as golden
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from app.cli.main import app
from oms_core.kernel import clock
from oms_core.marketing import queries
from oms_core.schema import METADATA


@pytest.fixture
def segments(engine, database_url, tmp_path, monkeypatch):
    golden.build(engine)
    with engine.begin() as connection:
        customers = METADATA.tables["customers"]
        for key, email in ((1, "ann@example.com"), (2, "ben@example.com"), (3, "cy@example.com")):
            connection.execute(sa.update(customers).where(customers.c.id == key).values(email=email))
        golden.insert(
            connection,
            "customers",
            [{"id": 4, "number": "4", "name": "", "created_at": golden.at("03-01"), "erased_at": golden.at("03-05")}],
        )
        golden.insert(
            connection,
            "consents",
            [
                {"customer_id": key, "channel": "email", "state": state, "at": golden.at("03-01")}
                for key, state in ((1, "subscribed"), (2, "unsubscribed"), (3, "subscribed"), (4, "redacted"))
            ],
        )
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))

    def run(*words: str, group: str = "segments"):
        with clock.frozen(golden.NOW):
            done = CliRunner().invoke(app, [group, *words, "--format", "json"])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_find_count_and_take_a_file(segments, engine, tmp_path):
    _, listed = segments("list")
    assert {"europe", "high_aov", "one_time_gone"} <= {s["name"] for s in listed}
    _, shown = segments("show", "europe", "--language", "pl")
    assert (shown["members"], shown["reachable"], shown["label"]) == (3, 2, "Klienci w Europie")

    _, counted = segments("count", "in_europe AND orders_placed(since: -4d) >= 2")
    assert counted["members"] == 2  # Ann: orders 3 to 12, Cy: 6 and 7; Ben's only standing one is carriage
    assert counted["sentence"].startswith("located in Europe")

    out = tmp_path / "europe.csv"
    status, made = segments("export", "europe", "--to", "csv", "--out", str(out))
    assert (status, made["members"], made["exported"], made["dropped"]) == (0, 3, 2, 1)
    content = out.read_bytes()
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert {r["email"] for r in rows} == {"ann@example.com", "cy@example.com"}

    manifest = json.loads((tmp_path / "europe.csv.manifest.json").read_text())
    assert manifest["file"]["sha256"] == hashlib.sha256(content).hexdigest() == made["sha256"]
    assert manifest["dropped_customers"] == [{"number": "2", "reason": "unsubscribed"}]
    assert manifest["segment"]["expression"] == "in_europe = TRUE"
    assert "@" not in json.dumps(manifest["dropped_customers"])

    with engine.connect() as connection, sa.orm.Session(connection) as session:
        (kept,) = queries.exports(session)
        assert (kept["sha256"], kept["exported"], kept["dropped"]) == (made["sha256"], 2, 1)
        assert queries.exports_holding(session, 2)[0]["outcome"] == "unsubscribed"


def test_the_same_export_twice_is_the_same_file_and_hold_out(segments, tmp_path):
    made = []
    for name in ("a.csv", "b.csv"):
        _, answer = segments("export", "europe", "--to", "csv", "--out", str(tmp_path / name), "--holdout", "0.5")
        made.append((answer["sha256"], answer["held_out"], answer["exported"]))
    assert made[0] == made[1]
    assert made[0][1:] == (1, 1)


def test_a_campaign_goes_to_every_tool_in_its_own_form(segments, engine, tmp_path):
    _let_ann_and_ben_see_ads(engine)
    _, listed = segments("destinations")
    assert [d["name"] for d in listed] == ["csv", "xlsx", "klaviyo", "mailchimp", "google", "meta", "tiktok"]
    for one in listed:
        out = tmp_path / f"europe.{one['name']}"
        status, made = segments("export", "europe", "--to", one["name"], "--out", str(out))
        purpose = "ads" if one["name"] in {"google", "meta", "tiktok"} else "email"
        assert (status, made["members"], made["exported"], made["purpose"]) == (0, 3, 2, purpose)
        manifest = json.loads(out.with_name(f"{out.name}.manifest.json").read_text())
        assert manifest["file"]["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
        left_out = {"ads": ("3", "not_subscribed"), "email": ("2", "unsubscribed")}[purpose]
        assert [(c["number"], c["reason"]) for c in manifest["dropped_customers"]] == [left_out]
        assert bool(manifest["warnings"]) == bool(made["warnings"]) == bool(one["at_least"])
    google = list(csv.DictReader(io.StringIO((tmp_path / "europe.google").read_text())))
    assert {row["Email"] for row in google} == {
        hashlib.sha256(address).hexdigest() for address in (b"ann@example.com", b"ben@example.com")
    }
    klaviyo = list(csv.DictReader(io.StringIO((tmp_path / "europe.klaviyo").read_text())))
    assert {row["Email Marketing Consent Timestamp"] for row in klaviyo} == {"2024-03-01 12:00:00+00:00"}
    assert {row["Segment"] for row in klaviyo} == {"europe"}
    with engine.connect() as connection, sa.orm.Session(connection) as session:
        assert {row["destination"] for row in queries.exports(session)} == {d["name"] for d in listed}
        # Ben's erasure must name the three files of the platforms, and that the others left him out.
        assert sum(row["outcome"] == "exported" for row in queries.exports_holding(session, 2)) == 3


def _let_ann_and_ben_see_ads(engine) -> None:
    with engine.begin() as connection:
        golden.insert(
            connection,
            "consents",
            [{"customer_id": key, "channel": "ads", "state": "subscribed", "at": golden.at("03-02")} for key in (1, 2)],
        )


REFUSALS = (
    (("count", "in_europ"), 1, "segment.not_found"),
    (("count", "aov >"), 2, "expression.syntax"),
    (("count", "p_alive > 0.5"), 1, "segment.no_scores"),
    (("export", "europe", "--to", "klaviyo", "--purpose", "ads"), 1, "export.purpose_not_allowed"),
    (("export", "europe", "--to", "meta"), 1, "export.nobody_left"),
    (("export", "number_of_orders = 0", "--to", "xlsx"), 1, "export.nobody_left"),
    (("export", "europe", "--to", "fax"), 1, "destination.not_found"),
    (("export", "europe", "--to", "csv", "--purpose", "post"), 2, "export.purpose"),
    (("export", "europe", "--to", "csv", "--holdout", "1"), 2, "export.holdout"),
)


def test_what_cannot_be_done_is_said_and_leaves_nothing_behind(segments, engine, tmp_path):
    for words, status, code in REFUSALS:
        extra = ("--out", str(tmp_path / "x.csv")) if words[0] == "export" else ()
        done, answer = segments(*words, *extra)
        assert (done, answer["code"]) == (status, code)
    assert not list(tmp_path.glob("*x.csv*"))
    with engine.connect() as connection, sa.orm.Session(connection) as session:
        assert queries.exports(session) == []


def test_a_folder_that_is_not_there_leaves_no_trace(segments, engine, tmp_path):
    done, answer = segments("export", "europe", "--to", "csv", "--out", str(tmp_path / "no" / "x.csv"))
    assert (done, answer["code"]) == (2, "export.out")
    with engine.connect() as connection, sa.orm.Session(connection) as session:
        assert queries.exports(session) == []


def test_a_saved_segment_is_versioned_and_can_be_built_upon(segments):
    assert segments("save", "near", "country = 'PL'")[1]["version"] == 1
    assert segments("save", "near", "country IN ('PL', 'DE')")[1]["version"] == 2
    assert segments("count", "segment('near') AND number_of_orders > 1")[1]["members"] == 2
    assert segments("show", "near")[1]["version"] == 2


def test_a_shop_too_small_for_scores_is_told_so(segments):
    status, answer = segments("score", group="clv")
    assert (status, answer["code"]) == (1, "clv.too_little_data")


def test_scores_are_stored_and_can_be_asked(segments, engine):
    with engine.begin() as connection:
        _crowd(connection)
    status, scored = segments("score", group="clv")
    assert (status, scored["horizon_days"]) == (0, 90)
    assert scored["total_orders_lo_90"] < scored["total_orders"] < scored["total_orders_hi_90"]
    _, likely = segments("count", "p_active_90d > 0.5 AND clv_12m > 0 AND churn_risk = 'LOW'")
    _, unlikely = segments("count", "p_active_90d <= 0.5")
    assert likely["members"] > 0
    assert unlikely["members"] > 0
    _, sooner = segments("count", "p_active_30d > 0.5")
    _, month = segments("count", "next_order_date BETWEEN today AND 60d AND clv_decile >= 6")
    _, tiers = segments("count", "predicted_spend_tier IN ('HIGH', 'MEDIUM') AND p_alive IS NOT NULL")
    _, sql = segments(
        "count", "predicted_spend_tier IN ('HIGH', 'MEDIUM') AND p_alive IS NOT NULL", "--engine", "duckdb"
    )
    assert 0 <= sooner["members"] <= likely["members"]
    assert month["members"] > 0
    assert 0 < tiers["members"] == sql["members"] < likely["customers"]
    # a list and its memory, as typed
    assert segments("freeze", "clv_decile = 10", "--as", "best")[1]["members"] > 0
    assert {"top_tenth", "europe"} <= {row["segment"] for row in segments("snapshot")[1]}
    (grown,) = segments("history", "top_tenth")[1]
    assert (grown["members"], grown["entered"], grown["by"]) == (grown["entered"], grown["members"], "person")
    assert segments("movements", "top_tenth", "--limit", "1", "--language", "pl")[1][0]["because"] == "nowy klient"
    assert segments("check", "aov > 5 AND aov < 2")[1]["advice"][0]["code"] == "lint.contradiction"
    assert segments("format", "aov>5 and country='PL'")[1]["text"] == "aov > 5 AND country = 'PL'"
    assert segments("strategy", "top_tenth", "--language", "pl")[1]["goal"] == "grow"


def _crowd(connection) -> None:
    """Two hundred customers of a year: a third come back every few weeks."""
    customers, orders, number = [], [], 100
    for key in range(100, 300):
        first = golden.NOW - timedelta(days=40 + key)
        customers.append({"id": key, "number": str(key), "name": f"N{key}", "country": "PL", "created_at": first})
        for visit in range(1 + (key % 3 == 0) * (1 + key % 7)):
            at = first + timedelta(days=visit * 23)
            number += 1
            orders.append(
                golden.order(number, "03-30", 1, key, "PL", gross=1000 + key, placed_at=at, business_date=at.date())
            )
    table = METADATA.tables
    connection.execute(sa.insert(table["customers"]), customers)
    connection.execute(sa.insert(table["orders"]), orders)

"""Ask: a question in the address, what is wrong with it under its field, kept, mailed."""

from __future__ import annotations

from page_reader import Open, words

from app import data
from app.jobs import alerting
from oms_core.reporting import alerts, runs
from oms_core.reporting.saved import queries
from oms_core.reporting.schedules import schedules

QUESTION = {"ask_m": ["net_sales", "orders"], "ask_by": ["channel"], "ask_period": "90d", "ask_top": "2"}


def test_a_question_is_answered_kept_and_mailed(own_shop: Open) -> None:
    at = own_shop("ask", ask_where="chanel = 'web'", **QUESTION)
    assert "Did you mean 'channel' or" in words(at)
    assert at.code[0].value == "chanel = 'web'\n^"
    at.text_input(key="ask_where").set_value("channel = 'web'").run()
    assert not at.exception
    assert "Net sales, Orders by channel" in words(at)
    assert "1 row" in words(at)
    assert "No mail server is set" in at.info[0].value
    at.text_input(key="ask_name").set_value("Web only")
    next(b for b in at.button if b.label == "Save question").click().run()
    with data.floor().workspace.reading() as session:
        [kept] = queries(session)
    assert kept["question"] == {
        "metrics": ["net_sales", "orders"], "by": ["channel"], "period": "90d", "where": "channel = 'web'", "top": 2
    }  # fmt: skip
    at.text_area(key="report_to").set_value("boss@example.com\nnobody")
    mail = next(b for b in at.button if b.label == "Mail it")
    mail.click().run()
    assert "input.recipients" in at.error[0].value
    at.text_area(key="report_to").set_value("boss@example.com")
    next(b for b in at.button if b.label == "Mail it").click().run()
    with data.floor().workspace.transaction() as session:
        [report] = schedules(session)
        assert (report["name"], report["recipients"], report["hour"]) == ("Web only", ["boss@example.com"], 7)
        run = runs.send_now(session, "Web only", actor="t")
        runs.take(session)
        runs.fail(session, run, "The mail server refused boss@example.com: 550 no such box")
    at = own_shop("ask", lang="pl", ask_m="orders", ask_by="-")
    assert not at.exception
    assert "ostatnie uruchomienie 1 nie powiodło się" in words(at)
    assert [m.label for m in at.metric] == ["Zamówienia"]
    at = own_shop("ask", ask_m="orders", ask_by="-")
    at.button(key=f"ask_open_{kept['id']}").click().run()
    assert at.multiselect(key="ask_m").value == ["net_sales", "orders"]
    assert at.text_input(key="ask_where").value == "channel = 'web'"
    assert at.selectbox(key="ask_top").value == "2"


def test_the_board_shows_what_waits_and_takes_thresholds(own_shop: Open) -> None:
    at = own_shop("board")
    assert not at.exception
    assert not at.error
    labels = [m.label for m in at.metric]
    assert labels == [
        "Placed", "Picked", "Shipped", "Delivered", "Late orders", "Work that waits", "Parcels under way",
        "Age of the numbers",
    ]  # fmt: skip
    late = int(next(m.value for m in at.metric if m.label == "Late orders"))
    at.number_input(key="alert_number").set_value(late - 1.0)
    next(b for b in at.button if b.label == "Set threshold").click().run()
    assert alerting.look(data.floor().workspace)["raised"] == 1
    said = words(own_shop("today"))
    assert f"Late orders: {late}, above {late - 1}" in said
    at = own_shop("board", lang="pl", wall="1")
    assert f"Spóźnione zamówienia: {late}, powyżej {late - 1}" in words(at)
    next(b for b in at.button if b.key.startswith("alert_seen")).click().run()
    with data.floor().workspace.reading() as session:
        [alert] = alerts.alerts(session, open_only=True)
    assert alert["acknowledged_by"] == "dashboard"

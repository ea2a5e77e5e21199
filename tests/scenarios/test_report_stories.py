"""Reports that are mailed: a real mail server on this machine refuses, goes down, comes back, is slow, falls silent."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta

import analytics_shop as golden
import openpyxl
import pdfplumber
import pytest
from mail_server import Post, serving

from app.jobs import reports
from app.mail import MailFailed, deliver
from app.workspace import Workspace
from oms_core.kernel import clock
from oms_core.kernel.settings import Home, save_shop
from oms_core.reporting import runs
from oms_core.reporting.mail_settings import MailServer, set_mail_server
from oms_core.reporting.saved import save_query
from oms_core.reporting.schedules import NewSchedule, delete_schedule, save_schedule, schedules
from oms_core.reporting.slots import Rhythm

MORNING = datetime(2024, 4, 4, 5, 30, tzinfo=UTC)  # 7:30 in Warsaw
QUESTION = {"metrics": ["net_sales", "orders"], "by": ["channel"], "period": "7d", "compare": "previous"}


@pytest.fixture(scope="module")
def home(tmp_path_factory, migrated_sqlite):
    folder = tmp_path_factory.mktemp("reports")
    (folder / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
        workspace = Workspace(Home(folder), "worker")
        golden.build(workspace.engine)
        with workspace.transaction() as session:
            save_shop(session, golden.SHOP)
            channels = golden.METADATA.tables["channels"]
            session.execute(channels.update().where(channels.c.code == "web").values(code="=web ąę"))
            save_query(session, name="Sprzedaż: kanały", question=QUESTION, owner="anna")
        yield workspace
        workspace.close()


@pytest.fixture
def shop(home):
    with clock.frozen(MORNING - timedelta(hours=1)):
        yield home
        with home.transaction() as session:
            for one in schedules(session):
                delete_schedule(session, one["name"], actor="t")


def test_lines_that_begin_with_a_dot_arrive_as_they_were_written():
    from email.message import EmailMessage

    words = "Razem:\n.5 mln\n..\n.\nkoniec\n"
    mail = EmailMessage()
    mail["Subject"] = "Kropki"
    mail.set_content(words)
    with serving(Post()) as post:
        deliver(MailServer("127.0.0.1", "s@example.com", port=post.port, security="none"), mail, ["ala@example.com"])
        ((_sender, _to, got),) = post.taken
    assert got.get_content().splitlines() == words.splitlines()


def schedule(workspace, post, kind="xlsx", language="pl", to=("ala@example.com", "ola@example.com")):
    with workspace.transaction() as session:
        set_mail_server(
            session, MailServer("127.0.0.1", "shop@example.com", port=post.port, security="none"), actor="t"
        )
        new = NewSchedule(f"Raport {kind}", "Sprzedaż: kanały", to, Rhythm("daily", 7), kind, language)
        return save_schedule(session, new, zone="Europe/Warsaw", actor="t").next_run_at


def told(workspace):
    with workspace.reading() as session:
        return runs.runs(session)


def attached(mail):
    [part] = list(mail.iter_attachments())
    return part.get_filename(), part.get_payload(decode=True)


def test_every_format_arrives_whole_once_with_polish_letters(shop, monkeypatch):
    with serving(Post()) as post:
        slots = {schedule(shop, post, kind=kind) for kind in ("csv", "xlsx", "pdf")}
        assert slots == {datetime(2024, 4, 4, 5, 0, tzinfo=UTC)}
        assert reports.look(shop) == {"opened": 0, "sent": 0, "put_off": 0, "failed": 0}
        with clock.frozen(MORNING):
            assert reports.look(shop) == {"opened": 3, "sent": 3, "put_off": 0, "failed": 0}, told(shop)[0]["error"]
            assert reports.look(shop)["sent"] == 0
    files = {}
    for run, (sender, recipients, mail) in zip(reversed(told(shop)), post.taken, strict=True):
        name, data = attached(mail)
        assert (sender, recipients) == ("shop@example.com", ("ala@example.com", "ola@example.com"))
        assert mail["Subject"] == f"{run['report']}, 2024-04-04"
        assert "Załączony" in mail.get_body().get_content()
        assert (run["state"], run["attempts"], run["rows"], run["error"]) == ("sent", 1, 2, "")
        assert run["delivered"] == ["ala@example.com", "ola@example.com"]
        assert (run["bytes"], run["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        files[name.rpartition(".")[2]] = name, data
    assert files["csv"][0] == "raport-csv_2024-03-29_2024-04-04.csv"
    csv = files["csv"][1].decode("utf-8-sig").splitlines()
    assert csv[0].startswith("Kanał;Sprzedaż netto;")
    assert any(line.startswith("'=web ąę;") for line in csv)
    sheet = openpyxl.load_workbook(io.BytesIO(files["xlsx"][1])).worksheets[0]
    cells = {row[0]: (row[1], row[4]) for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert cells["market"] == (21.5, 3)  # B 25.00 less 2.50, B 25.00, a discount of 1.00, a credit of 25.00 given back
    with pdfplumber.open(io.BytesIO(files["pdf"][1])) as paper:
        text = paper.pages[0].extract_text()
    assert "Sprzedaż netto" in text
    assert "=web ąę" in text


def test_a_refused_recipient_is_told_and_the_others_do_not_get_it_twice(shop):
    with serving(Post(refuse={"ola@example.com": "550 no such box"})) as post, clock.frozen(MORNING):
        schedule(shop, post)
        with shop.transaction() as session:
            runs.send_now(session, "Raport xlsx", actor="t")
        assert reports.look(shop)["failed"] == 1
        [run] = told(shop)
        assert run["delivered"] == ["ala@example.com"]
        assert run["error"] == "The mail server refused ola@example.com: 550 no such box"
        post.refuse.clear()
        with shop.transaction() as session:
            runs.send_again(session, run["id"], actor="t")
        assert reports.look(shop)["sent"] == 1
    assert post.boxes() == ["ala@example.com", "ola@example.com"]
    assert [run["state"] for run in told(shop)] == ["sent"]


def test_a_server_that_is_down_puts_off_is_slow_or_falls_silent(shop, monkeypatch):
    monkeypatch.setattr("app.mail.ANSWER_SECONDS", 0.2)
    with serving(Post()) as post:
        schedule(shop, post)
    with clock.frozen(MORNING) as _:
        assert reports.look(shop) == {"opened": 1, "sent": 0, "put_off": 1, "failed": 0}
        [run] = told(shop)
        assert run["next_try_at"] == MORNING + timedelta(minutes=1)
        assert "does not answer" in run["last_error"]
        assert reports.look(shop)["put_off"] == 0  # not before its time
    with clock.frozen(MORNING + timedelta(minutes=1)), serving(post):
        post.refuse = {"ola@example.com": "451 come back later"}
        assert reports.look(shop)["put_off"] == 1
        assert told(shop)[0]["delivered"] == ["ala@example.com"]
        post.refuse = {}
    with clock.frozen(MORNING + timedelta(minutes=6)), serving(post):
        assert reports.look(shop)["sent"] == 1
        assert post.boxes() == ["ala@example.com", "ola@example.com"]
        assert told(shop)[0]["attempts"] == 3
    with clock.frozen(MORNING + timedelta(days=3)), serving(post):  # two slots were missed: the last is sent
        post.silent_after_data = True
        assert reports.look(shop) == {"opened": 1, "sent": 0, "put_off": 0, "failed": 1}
        assert told(shop)[0]["slot_at"] == datetime(2024, 4, 7, 5, 0, tzinfo=UTC)
        assert "is not known" in told(shop)[0]["error"]
    slow = MailServer("127.0.0.1", "shop@example.com", port=post.port, security="none")
    with serving(Post(slow_seconds=0.5, port=post.port)), pytest.raises(MailFailed) as failed:
        deliver(slow, post.taken[0][2], ["ala@example.com"], answer_seconds=0.1)
    assert (failed.value.code, failed.value.may_repeat) == ("mail.unreachable", True)


def test_without_a_server_the_run_fails_with_what_to_set_and_tries_end(shop):
    with serving(Post()) as post:
        schedule(shop, post)
    with shop.transaction() as session:
        session.execute(
            golden.METADATA.tables["shop_settings"]
            .delete()
            .where(golden.METADATA.tables["shop_settings"].c.key == "mail_server")
        )
    with clock.frozen(MORNING):
        assert reports.look(shop)["failed"] == 1
    assert "ordersight reports server" in told(shop)[0]["error"]
    with clock.frozen(MORNING + timedelta(days=1)):
        schedule(shop, post)
    at = MORNING + timedelta(days=2)
    for _ in range(len(runs.PAUSES) + 1):
        with clock.frozen(at):
            done = reports.look(shop)
        at = told(shop)[0]["next_try_at"] + timedelta(seconds=1)
    assert done["failed"] == 1
    assert told(shop)[0]["error"].endswith("Tried 6 times.")

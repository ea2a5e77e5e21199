"""An order leaves the house: as a workbook, as EDIFACT by its published segments, and by mail that is tried again."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from mail_server import Post, serving
from small_shop import ZONE, small_shop, stock

from app.documents import edifact, order_formats
from app.jobs import buying_mail, low_stock
from app.workspace import Workspace
from oms_core.inventory import low_stock as points
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.kernel.settings import Home, Shop, save_shop
from oms_core.purchasing import commands, queries
from oms_core.purchasing.commands import NewLine
from oms_core.reporting import buying_mails
from oms_core.reporting.mail_settings import MailServer, set_mail_server

SHOP = Shop(name="Sklep Pod Zegarem", tax_id="5260250274", zone="Europe/Warsaw")
ORDER = {
    "number": "PO-1048", "state": "sent", "currency": "PLN", "note": "Rampa: nr 2", "total_minor": 18216,
    "is_simulated": False, "created_at": datetime(2010, 12, 8, 12, tzinfo=UTC),
    "sent_at": datetime(2010, 12, 8, 23, 30, tzinfo=UTC), "expected_on": date(2010, 12, 15),
    "supplier": {"code": "FENW", "name": "Fenwick Łódź", "email": "a@b.example", "country": "PL", "payment_days": 30},
    "location": {"code": "WRO", "name": "Magazyn", "postal_code": "50-001", "city": "Wrocław", "country": "PL"},
    "lines": [
        {"position": 1, "sku": "22111", "supplier_sku": "AC+1", "barcode": "5901234123457", "title": "Kubek d'Or 漢",
         "quantity": 24, "cancelled_qty": 0, "pack_qty": 12, "unit_cost_minor": 253, "value_minor": 6072},
        {"position": 2, "sku": "=2+5", "supplier_sku": "", "barcode": None, "title": "Taca", "quantity": 50,
         "cancelled_qty": 2, "pack_qty": 1, "unit_cost_minor": 253, "value_minor": 12650},
    ],
}  # fmt: skip
#: The vector of docs/buying.md.
INTERCHANGE = """UNA:+.? '
UNB+UNOD:3+5260250274:ZZ+FENW:ZZ+101209:1200+PO-1048++ORDERS'
UNH+1+ORDERS:D:96A:UN:EAN008'
BGM+220+PO-1048+9'
DTM+137:20101209:102'
DTM+2:20101215:102'
FTX+AAI+++Rampa?: nr 2'
NAD+BY+5260250274::92++Sklep Pod Zegarem'
NAD+SU+FENW::92++Fenwick Łódź'
NAD+DP+WRO::92++Magazyn++Wrocław++50-001+PL'
CUX+2:PLN:9'
PAT+1++5:3:D:30'
LIN+1++5901234123457:EN'
PIA+1+22111:IN'
PIA+1+AC?+1:SA'
IMD+F++:::Kubek d?'Or  '
QTY+21:24'
MOA+203:60.72'
PRI+AAA:2.53'
LIN+2'
PIA+1+=2?+5:IN'
IMD+F++:::Taca'
QTY+21:48'
MOA+203:121.44'
PRI+AAA:2.53'
UNS+S'
MOA+79:182.16'
CNT+2:2'
UNT+27+1'
UNZ+1+PO-1048'
"""


def test_edifact_is_the_documented_vector():
    at = datetime(2010, 12, 9, 12, tzinfo=UTC)
    assert edifact.orders_d96a(ORDER, SHOP, at=at).decode("iso8859-2") == INTERCHANGE
    body = INTERCHANGE.splitlines()
    assert body.index("UNT+27+1'") - body.index("UNH+1+ORDERS:D:96A:UN:EAN008'") + 1 == 27


def test_a_workbook_keeps_numbers_and_never_runs_a_formula():
    book = openpyxl.load_workbook(io.BytesIO(order_formats.write("xlsx", ORDER, SHOP, language="pl")))
    lines, head = book.worksheets
    assert [c.value for c in lines[2]][6:9] == [24, 2.53, 60.72]
    assert (lines["C3"].value, lines["C3"].data_type) == ("'=2+5", "s")
    assert [c.value for c in head["B"]][:3] == ["PO-1048", "Sklep Pod Zegarem", "Fenwick Łódź"]
    with pytest.raises(InvalidInput, match=r"\.edi"):
        order_formats.write("docx", ORDER, SHOP)


@pytest.fixture
def workspace(tmp_path, migrated_sqlite, monkeypatch):
    monkeypatch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
    (tmp_path / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    opened = Workspace(Home(tmp_path), "worker")
    with opened.transaction() as session:
        save_shop(session, SHOP)
    yield opened
    opened.close()


def test_a_mail_waits_is_tried_again_and_says_what_became_of_it(workspace):
    morning = datetime(2010, 12, 9, 8, tzinfo=UTC)
    with clock.frozen(morning), serving(Post()) as post:
        with workspace.transaction() as session:
            shop = small_shop(session)
            lines = [NewLine(shop.variants["MUG"], 10, 500)]
            order = commands.draft_purchase_order(
                session, supplier_id=shop.supplier, location_id=shop.warehouse, lines=lines
            )
            key, given = order.id, {"format_": "edi", "language": "pl", "actor": "ola"}
            with pytest.raises(Refused, match="cannot be mailed"):
                buying_mails.mail_order(session, purchase_order_id=key, recipients=["x@y.example"], **given)
            commands.send(session, purchase_order_id=key, zone=ZONE)
            buying_mails.mail_order(session, purchase_order_id=key, recipients=["x@y.example"], **given)
            server = MailServer("127.0.0.1", "shop@example.com", port=post.port, security="none")
            set_mail_server(session, server, actor="t")
        post.refuse["x@y.example"] = "451 later"
        assert buying_mail.look(workspace) == {"sent": 0, "put_off": 1, "failed": 0}
        assert buying_mail.look(workspace) == {"sent": 0, "put_off": 0, "failed": 0}
        del post.refuse["x@y.example"]
        with clock.frozen(morning + timedelta(minutes=2)):
            assert buying_mail.look(workspace) == {"sent": 1, "put_off": 0, "failed": 0}
        ((_sender, to, got),) = post.taken
        assert (to, got["Subject"]) == (("x@y.example",), "Zamówienie PO-1001 od Sklep Pod Zegarem")
        assert [part.get_filename() for part in got.iter_attachments()] == ["PO-1001.pdf", "PO-1001.edi"]
    with workspace.reading() as session:
        (mail,) = buying_mails.mails(session, purchase_order_id=key)
        assert (mail["state"], mail["attempts"]) == ("sent", 2)
        assert queries.timeline(session, key)[0]["event"] == "purchase_order.mailed"


def test_news_of_low_shelves_counts_those_it_does_not_list(workspace, monkeypatch):
    monkeypatch.setattr(low_stock, "MOST_ROWS", 1)
    with clock.frozen(datetime(2010, 12, 9, 8, tzinfo=UTC)), serving(Post()) as post:
        with workspace.transaction() as session:
            save_shop(session, replace(SHOP, language="pl"))
            shop = small_shop(session)
            stock(session, shop, MUG=3, BAG=2, TIN=1)
            for sku in ("MUG", "BAG", "TIN"):
                shelf = {"variant_id": shop.variants[sku], "location_id": shop.warehouse}
                points.set_point(session, **shelf, units=5, actor="ola")
            low_stock.set_recipients(session, ["buyer@y.example"], actor="ola")
            set_mail_server(session, MailServer("127.0.0.1", "s@y.example", port=post.port, security="none"), actor="t")
        assert low_stock.look(workspace) == {"raised": 3, "ended": 0}
        assert buying_mail.look(workspace)["sent"] == 1
    ((_sender, _to, got),) = post.taken
    assert got["Subject"].startswith("3 półki")
    assert got.get_content().strip().splitlines()[-1] == "i jeszcze 2 półki: zobacz stronę Dziś"

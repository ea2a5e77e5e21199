"""A customer reads by mail what becomes of a return: told once, tried again, never of what was before; nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from mail_server import Post, serving
from small_shop import ZONE, deliver_all, line_ids, sell, small_shop, stock
from sqlalchemy.orm import Session

from app.jobs import customer_mail
from app.workspace import Workspace
from oms_core.audit.laws import run
from oms_core.customers.tables import Customer
from oms_core.kernel import clock
from oms_core.kernel.settings import Home, Shop, save_shop
from oms_core.master_data.settings import change_settings
from oms_core.portal.settings import PortalSettings, save_portal
from oms_core.privacy.erasure import erase
from oms_core.reporting.mail_settings import MailServer, set_mail_server
from oms_core.returns import commands as returns
from oms_core.returns.case_tables import CustomerMessage
from oms_core.returns.commands import NewReturnLine

MORNING = datetime(2010, 12, 9, 8, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
    (tmp_path / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    return tmp_path


def asked(session: Session, shop: object, name: str) -> tuple[int, int]:
    """Sell two mugs, deliver them and ask for one back; return the return's id and the customer's."""
    order = sell(session, shop, name, MUG=2)
    deliver_all(session, order)
    line = NewReturnLine(line_ids(session, order)["MUG"], 1, "colour")
    found = returns.request_return(session, order_id=order.id, lines=[line], reason="colour", zone=ZONE)
    return int(found.id), int(order.customer_id)


def test_a_customer_is_told_once_what_became_of_a_return(home: Path) -> None:
    with clock.frozen(MORNING), serving(Post()) as post:
        workspace = Workspace(Home(home), "worker")
        with workspace.transaction() as session:
            save_shop(session, Shop(name="Sklep Pod Zegarem", zone=ZONE, language="pl"))
            shop = small_shop(session)
            stock(session, shop, MUG=10)
            set_mail_server(session, MailServer("127.0.0.1", "s@y.example", port=post.port, security="none"), actor="t")
            asked(session, shop, "before")
        assert customer_mail.look(workspace) == {"written": 0, "sent": 0}  # nobody asked for mail
    with clock.frozen(MORNING + timedelta(hours=1)), serving(Post()) as post:
        workspace = Workspace(Home(home), "worker")
        with workspace.transaction() as session:
            set_mail_server(session, MailServer("127.0.0.1", "s@y.example", port=post.port, security="none"), actor="t")
            save_portal(session, PortalSettings(is_on=True, address="https://shop.example"))
            change_settings(session, {"mail_customers": "yes"})
            back, customer = asked(session, shop, "jan")
            returns.approve_return(session, return_id=back, actor="ewa")
        workspace = Workspace(Home(home), "worker")
        post.refuse["jan@example.com"] = "451 later"
        assert customer_mail.look(workspace) == {"written": 2, "sent": 0}
        del post.refuse["jan@example.com"]
        assert customer_mail.look(workspace) == {"written": 0, "sent": 0}  # not before its time
        with clock.frozen(MORNING + timedelta(hours=1, minutes=2)):
            assert customer_mail.look(workspace) == {"written": 0, "sent": 2}
            assert customer_mail.look(workspace) == {"written": 0, "sent": 0}
        subjects = [str(mail["Subject"]) for _sender, _to, mail in post.taken]
        assert post.boxes() == ["jan@example.com"] * 2  # and nobody of what was before
        assert [subject.partition(" RET")[0] for subject in subjects] == ["Mamy Twój zwrot", "Twój zwrot"]
        text = post.taken[1][2].get_content()
        assert "1 × " in text
        assert "https://shop.example/my/" in text
        with workspace.transaction() as session:
            returns.cancel_return(session, return_id=back, reason="changed my mind", actor="jan")
            number = session.get_one(Customer, customer).number
            erase(session, number=number, confirmed=number, actor="ola")
        with workspace.reading() as session:
            left = session.execute(sa.select(CustomerMessage.recipient, CustomerMessage.body)).all()
            assert {row.recipient for row in left} == {""}
            assert not any("MUG" in row.body for row in left)
            assert [row for row in run(session) if row["broken"]] == []

"""The returns desk opens the customer's pages, writes where returns go, and says why on the case."""

from __future__ import annotations

from page_reader import Open
from test_desk_pages import asked_return, shipped_order

from app import data, desk
from oms_core.orders.tables import Order
from oms_core.portal.settings import PortalSettings, portal_settings
from oms_core.returns.tables import Return


def test_pages_are_opened_a_rule_is_written_and_the_case_says_why(own_shop: Open) -> None:
    at = own_shop("returns")
    at.button(key="return_settings").click().run()
    assert at.button(key="portal_save").disabled
    at.toggle(key="portal_on").set_value(True).run()
    at.button(key="portal_save").click().run()
    assert "address" in str(at.error[0].value)  # open pages need an address
    at.text_input(key="portal_address").set_value("https://returns.example.com").run()
    at.button(key="portal_save").click().run()
    assert desk.read(portal_settings) == PortalSettings(is_on=True, address="https://returns.example.com")
    at = own_shop("returns", terms="open")
    at.text_area(key="rule_address").set_value("Gate 3\nMill Lane 4").run()
    at.button(key="rule_write").click().run()
    number = shipped_order()
    back = asked_return(number)
    with data.floor().workspace.transaction() as session:
        assert session.query(Return).filter_by(number=back).one().send_to_why == "everybody"
        session.query(Order).filter_by(number=number).one().email = "ada@example.com"
    at = own_shop("returns", case=f"return:{back}", lang="pl")
    told = " ".join(str(table.value.to_dict()) for table in at.table)
    assert "Gate 3, Mill Lane 4" in told
    assert "Reguła kieruje tu wszystkie zwroty" in told
    assert any(code.value.startswith("https://returns.example.com/my/") for code in at.code)

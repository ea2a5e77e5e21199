"""The columns of the plain files, CSV and XLSX: for people, so nothing is normalised or hashed."""

from __future__ import annotations

from segmentation.destinations.model import Column, Person, Row

COLUMNS = (
    Column("address", "E-mail address or phone number, by the purpose; for advertising the first of both."),
    Column("customer_number", "The customer's number in this shop."),
    Column("name", "Name as it stands in the shop."),
    Column("language", "Language the customer uses."),
    Column("country", "Country of the latest order, two letters."),
    Column("city", "City of the latest order."),
    Column("rfm_group", "Group by recency, frequency and money."),
    Column("orders", "Orders that stand."),
    Column("last_order_on", "Day of the latest order."),
    Column("amount_spent", "Goods ordered less discounts, in the currency beside."),
    Column("currency", "Currency of the amount."),
)


#: What may be added for each person.
CARRIES = {
    "offer": "recommended_{n}", "offer_sku": "recommended_{n}_sku", "subject": "subject", "text": "message",
    "html": "message_html",
}  # fmt: skip


def row(person: Person) -> Row:
    """Return the person's cells, as in the shop."""
    return (
        person.address, person.number, person.name, person.language, person.country, person.city, person.rfm_group,
        person.orders, person.last_order_on, person.spent, person.currency,
    )  # fmt: skip

"""What customers did, counted on their orders, lines and credits. Adding a function is one entry in `_ROWS`.

Days are whole days in the shop's zone, both ends of a span included. A customer without such rows has 0, never a
missing value. How a function is answered is declared once and read by every compiler
(`oms_core.kernel.expressions.rows`).
"""

from __future__ import annotations

from collections.abc import Mapping

from oms_core.kernel.expressions import Call, Expression, ExpressionFault, Function, conditions
from oms_core.kernel.expressions.distance import reach, target
from oms_core.kernel.expressions.rows import RowFunction

_FIELD_WORDS = {
    "en": {
        "date": "the day", "amount": "the amount", "channel": "the channel", "country": "the country",
        "count": "their number", "total": "their sum", "quantity": "the quantity", "sku": "the SKU", "id": "the SKU",
        "category": "the category", "title": "the title", "balance": "the balance", "currency": "the currency",
    },
    "pl": {
        "date": "dzień", "amount": "kwota", "channel": "kanał", "country": "kraj", "count": "ich liczba",
        "total": "ich suma", "quantity": "sztuki", "sku": "SKU", "id": "SKU", "category": "kategoria",
        "title": "nazwa", "balance": "saldo", "currency": "waluta",
    },
}  # fmt: skip
_SPAN = {"since": ("date", ">="), "until": ("date", "<=")}
_ARGUMENTS = {"since": "date", "until": "date", "amount": "money", "count": "number"}


def _rows(
    name: str, rows: str, returns: tuple[str, ...], en: str, pl: str, *,
    fields: Mapping[str, str], columns: Mapping[str, str], totals: Mapping[str, str],
    spoken: Mapping[str, tuple[str, str]], measure: str = "count",
) -> RowFunction:  # fmt: skip
    function = Function(
        name=name, arguments={word: _ARGUMENTS.get(word, "text") for word in spoken}, returns=returns,
        positional="since" if "since" in spoken else "", labels={"en": en, "pl": pl}, fields=fields, spoken=spoken,
        words=_FIELD_WORDS,
    )  # fmt: skip
    return RowFunction(function=function, rows=rows, columns=columns, totals=totals, measure=measure)


_ORDER = {"date": "business_date", "channel": "channel", "country": "country", "amount": "amount_minor"}
_ORDER_KINDS = {"date": "date", "channel": "text", "country": "text", "amount": "money"}
_ORDER_TOTALS = {"count": "count", "total": "amount_minor"}
_LINE = {"date": "business_date", "sku": "sku", "id": "sku", "category": "category", "title": "title"}
_ROWS = (
    _rows("orders_placed", "orders", ("boolean", "number"), "orders placed", "złożone zamówienia",
          fields=_ORDER_KINDS | {"count": "number", "total": "money"}, columns=_ORDER, totals=_ORDER_TOTALS,
          spoken=_SPAN | {"amount": ("amount", ">="), "channel": ("channel", "="), "count": ("count", ">=")}),
    _rows("number_of_orders", "orders", ("number",), "number of orders", "liczba zamówień",
          fields=_ORDER_KINDS, columns=_ORDER, totals=_ORDER_TOTALS, spoken=_SPAN | {"channel": ("channel", "=")}),
    _rows("amount_spent", "orders", ("money",), "amount spent", "wydana kwota",
          fields=_ORDER_KINDS, columns=_ORDER, totals=_ORDER_TOTALS, spoken=_SPAN | {"channel": ("channel", "=")},
          measure="total"),
    _rows("products_purchased", "lines", ("boolean", "number"), "products bought", "kupione produkty",
          fields=dict.fromkeys(("sku", "id", "category", "title"), "text") | {"date": "date", "quantity": "number"},
          columns=_LINE, totals={"quantity": "quantity"}, measure="quantity",
          spoken=_SPAN | {"sku": ("sku", "="), "category": ("category", "="), "title": ("title", "="),
                          "count": ("quantity", ">=")}),
    _rows("store_credit_accounts", "credits", ("boolean",), "store credit", "środki na koncie sklepu",
          fields={"balance": "money", "currency": "text"}, totals={},
          columns={"balance": "balance_minor", "currency": "currency"}, spoken={}),
)  # fmt: skip

#: ``segment('name')`` is answered by the compilers themselves, because it needs the other segments.
SEGMENT = Function(
    name="segment",
    arguments={"name": "text"},
    returns=("boolean",),
    positional="name",
    required=("name",),
    labels={"en": "member of the segment", "pl": "należy do segmentu"},
)
NEAR = Function(
    name="customer_within_distance",
    arguments={"coordinates": "text", "distance_km": "number", "distance_mi": "number"},
    returns=("boolean",),
    required=("coordinates",),
    labels={"en": "located near", "pl": "w pobliżu"},
)
ANNIVERSARY = Function(
    name="anniversary",
    arguments={"date": "choice"},
    returns=("day_of_year",),
    positional="date",
    required=("date",),
    options={"date": ("first_order_date", "last_order_date", "customer_added_date")},
    labels={"en": "anniversary", "pl": "rocznica"},
)

ROWS = {entry.function.name: entry for entry in _ROWS}
FUNCTIONS = {
    **{name: entry.function for name, entry in ROWS.items()},
    **{one.name: one for one in (SEGMENT, NEAR, ANNIVERSARY)},
}


def refuse_the_impossible(tree: Expression, text: str | None = None) -> None:
    """Refuse what the types allow and no shop can answer.

    Raises
    ------
    ExpressionFault
        ``expression.type``: a `count` said twice, coordinates that are no place, a distance said twice or not at all.
    """
    for node in conditions(tree):
        call = node.subject
        if not isinstance(call, Call):
            continue
        if call.name == NEAR.name:
            target(call, text=text)
            reach(call, text=text)
        elif call.name in ROWS and call.get("count") is not None:
            sentence = f"{call.name}() has count and is compared with a number"
            hint = f"Write {call.name} MATCHES (count >= 3), or {call.name}() >= 3."
            raise ExpressionFault("expression.type", sentence, hint, text=text, at=call.at)

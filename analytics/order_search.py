"""Finding orders: what a saved view, a link or the search box says, as one bound condition in SQL.

The condition stands over ``o``, a row of ``pages/order_list.sql``; `app.data` runs it.

Text with an operator is the product's expression language over :data:`ATTRIBUTES`; anything else is
looked for in the order's number, its customer, e-mail, city, status, tags, parcels and the SKUs it holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from oms_core.fulfilment.states import SHIPMENT
from oms_core.kernel.expressions import (
    NEGATED,
    And,
    Attribute,
    Between,
    Compare,
    Condition,
    Expression,
    In,
    IsNull,
    Name,
    Not,
    Offset,
    Or,
    Value,
    read,
    resolve,
    sentence,
)
from oms_core.orders.states import DELIVERY, FULFILLMENT, ORDER, PAYMENT, RETURN

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAttribute:
    """Something an order can be found by.

    Attributes
    ----------
    sql : str
        Value over ``o`` (one row of ``pages/order_list.sql``); for `inside` over the inner table.
    inside : str
        ``FROM … WHERE`` of the rows an order holds (lines, parcels); empty for the order itself.
    """

    name: str
    kind: str
    en: str
    pl: str
    sql: str
    inside: str = ""
    options: tuple[str, ...] = ()

    def attribute(self) -> Attribute:
        """Return what the expression language knows of it."""
        return Attribute(name=self.name, kind=self.kind, labels={"en": self.en, "pl": self.pl}, options=self.options)


_LINES = "FROM raw.order_lines l JOIN raw.variants v ON v.id = l.variant_id WHERE l.order_id = o.order_id"
_PARCELS = "FROM raw.shipments s WHERE s.order_id = o.order_id"
#: Parcels but for voided labels, and returns but for declined and withdrawn ones, as the registry counts them.
_LEFT = f"{_PARCELS.replace(' WHERE ', ' CROSS JOIN raw.shop z WHERE ')} AND s.state <> 'voided'"
_BACK = "FROM raw.returns b CROSS JOIN raw.shop z WHERE b.order_id = o.order_id"
_ASKED = f"{_BACK} AND b.state NOT IN ('declined', 'cancelled')"
_TAGS = "FROM raw.order_tags t WHERE t.order_id = o.order_id"
#: Facts of other tables are looked up only by a search that names them: most searches read orders alone.
_CHANNEL = "(SELECT c.code FROM raw.channels c WHERE c.id = o.channel_id)"
_BUYER = "(SELECT u.name FROM raw.customers u WHERE u.id = o.customer_id)"
_CUSTOMER = f"coalesce(nullif({_BUYER}, ''), nullif(o.ship_name, ''), o.email, '')"
_EMAIL = "coalesce(o.email, (SELECT u.email FROM raw.customers u WHERE u.id = o.customer_id), '')"
_SHIP_BY = "CAST((o.ship_by_at AT TIME ZONE 'UTC') AT TIME ZONE (SELECT zone FROM raw.shop) AS DATE)"
_WORK = "FROM raw.fulfillment_orders f JOIN raw.locations p ON p.id = f.location_id WHERE f.order_id = o.order_id"


#: Facts that need other tables are asked only when an expression speaks of them.
_ALLOCATED = """NOT EXISTS (
    SELECT 1 FROM raw.order_lines l
    LEFT JOIN (
        SELECT order_line_id, sum(quantity - shipped_qty - released_qty) AS units FROM raw.allocations GROUP BY 1
    ) a ON a.order_line_id = l.id
    WHERE l.order_id = o.order_id AND l.quantity - l.cancelled_qty - l.shipped_qty > coalesce(a.units, 0))"""
_DELAYED = f"""EXISTS (SELECT 1 {_PARCELS} AND (s.state IN ('delayed', 'failed', 'return_to_sender', 'lost')
    OR (s.promised_at < $now AND s.state NOT IN ('delivered', 'voided'))))"""
_TO_INSPECT = """EXISTS (SELECT 1 FROM raw.returns b WHERE b.order_id = o.order_id
    AND b.state IN ('requested', 'received') AND NOT b.is_history)"""


def _of(name: str, kind: str, en: str, pl: str, sql: str = "", **more: object) -> OrderAttribute:
    return OrderAttribute(name=name, kind=kind, en=en, pl=pl, sql=sql or f"o.{name}", **more)  # type: ignore[arg-type]


def _local(instant: str) -> str:
    """Return an instant's day in the shop's zone, `z` being the shop."""
    return f"CAST(({instant} AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE)"


ORDER_ATTRIBUTES: tuple[OrderAttribute, ...] = (
    _of("number", "text", "order number", "numer zamówienia"),
    _of("customer", "text", "customer", "klient", _CUSTOMER),
    _of("email", "text", "e-mail", "e-mail", _EMAIL),
    _of("channel", "text", "channel", "kanał", _CHANNEL),
    _of("country", "text", "country", "kraj"),
    _of("city", "text", "city", "miasto"),
    _of("postal_code", "text", "postal code", "kod pocztowy"),
    _of("currency", "text", "currency", "waluta"),
    _of("tag", "text", "a tag", "etykieta", "t.tag", inside=_TAGS),
    _of("state", "choice", "state", "stan", options=ORDER.states),
    _of("payment_status", "choice", "payment", "płatność", options=tuple(PAYMENT)),
    _of("fulfillment_status", "choice", "fulfilment", "wysyłka", options=tuple(FULFILLMENT)),
    _of("delivery_status", "choice", "delivery", "dostawa", options=tuple(DELIVERY)),
    _of("return_status", "choice", "return", "zwrot", options=tuple(RETURN)),
    _of("placed", "date", "day placed", "dzień złożenia", "o.order_date"),
    _of("ship_by", "date", "ship-by day", "termin wysyłki", _SHIP_BY),
    _of("shipped", "date", "day a parcel left", "dzień wysłania", _local("s.shipped_at"), inside=_LEFT),
    _of("delivered", "date", "day of delivery", "dzień doręczenia", _local("s.delivered_at"), inside=_LEFT),
    _of(
        "return_asked",
        "date",
        "day a return was asked for",
        "dzień zgłoszenia zwrotu",
        _local("b.requested_at"),
        inside=_ASKED,
    ),
    _of("total", "money", "total", "wartość"),
    _of("open", "boolean", "open", "otwarte", "o.is_open"),
    _of("late", "boolean", "past the ship-by time", "po terminie wysyłki", "o.is_late"),
    _of("allocated", "boolean", "wholly allocated", "całe przydzielone", _ALLOCATED),
    _of("unpaid", "boolean", "unpaid for a day", "nieopłacone od doby", "o.is_unpaid"),
    _of("carrier_delay", "boolean", "held up by the carrier", "opóźnione przez przewoźnika", _DELAYED),
    _of("to_inspect", "boolean", "with a return to inspect", "ze zwrotem do sprawdzenia", _TO_INSPECT),
    _of("history", "boolean", "imported", "zaimportowane", "o.is_history"),
    _of("simulated", "boolean", "simulated", "symulowane", "o.is_simulated"),
    _of("sku", "text", "a SKU in it", "SKU w zamówieniu", "l.sku", inside=_LINES),
    _of("product", "text", "a product in it", "produkt w zamówieniu", "l.title", inside=_LINES),
    _of("warehouse", "text", "warehouse", "magazyn", "p.name", inside=_WORK),
    _of("carrier", "text", "carrier", "przewoźnik", "s.carrier", inside=_PARCELS),
    _of("tracking", "text", "tracking number", "numer przesyłki", "s.tracking_number", inside=_PARCELS),
    _of("parcel", "choice", "a parcel", "przesyłka", "s.state", inside=_PARCELS, options=SHIPMENT.states),
)
_BY_NAME = {a.name: a for a in ORDER_ATTRIBUTES}
ATTRIBUTES: Mapping[str, Attribute] = {a.name: a.attribute() for a in ORDER_ATTRIBUTES}

#: What the search box looks into when the text is no expression: each source gives ids, so none is joined to all.
_PLAIN = """o.order_id IN (
    SELECT r.id FROM raw.orders r WHERE lower(r.number) = $plain OR lower(r.external_id) = $plain
        OR contains(lower(r.email), $plain) OR contains(lower(r.ship_name), $plain)
        OR contains(lower(r.ship_city), $plain)
    UNION ALL SELECT r.id FROM raw.orders r WHERE r.customer_id IN (
        SELECT u.id FROM raw.customers u WHERE contains(lower(u.name), $plain) OR contains(lower(u.email), $plain))
    UNION ALL SELECT l.order_id FROM raw.order_lines l WHERE l.variant_id IN (
        SELECT v.id FROM raw.variants v WHERE lower(v.sku) = $plain OR contains(lower(v.title), $plain))
    UNION ALL SELECT s.order_id FROM raw.shipments s WHERE lower(s.tracking_number) = $plain
    UNION ALL SELECT t.order_id FROM raw.order_tags t WHERE t.tag = $plain)"""
#: A word that is a status finds the orders in it: the axis, by its words.
_STATUS = "o.order_id IN (SELECT r.id FROM raw.orders r WHERE r.{axis} = $code)"
_AXES = {
    "fulfillment_status": FULFILLMENT, "payment_status": PAYMENT, "delivery_status": DELIVERY,
    "return_status": RETURN, "state": ORDER.colours,
}  # fmt: skip
_SIGNS = ("=", "<", ">", " in ", " is ", "contains", "between", "starts with", "not ")


@dataclass(frozen=True, slots=True)
class Found:
    """A condition on orders: SQL with its bound values, and what it says in words.

    Attributes
    ----------
    sql : str
        Condition over ``o``; ``TRUE`` finds every order.
    expression : Expression, optional
        The tree; None for plain text.
    """

    sql: str
    params: Mapping[str, object]
    expression: Expression | None = None

    def words(self, language: str) -> str:
        """Return the condition as a sentence; empty for plain text."""
        return sentence(self.expression, language, ATTRIBUTES) if self.expression else ""


def is_expression(text: str) -> bool:
    """Say whether a text is meant as an expression: it holds an operator."""
    return any(sign in f" {text.lower()} " for sign in _SIGNS)


def find(text: str, today: date, *, within: str = "") -> Found:
    """Read a search: an expression or plain words; `within` is an expression that holds besides.

    Raises
    ------
    ExpressionFault
        With the place of the fault and what was probably meant.
    """
    wanted = text.strip().removeprefix("#")
    if within:
        if not wanted or is_expression(wanted):
            return find(f"({within}) AND ({wanted})" if wanted else within, today)
        outer, inner = find(within, today), _plain(wanted.lower())
        return Found(f"({outer.sql} AND {inner.sql})", {**outer.params, **inner.params}, outer.expression)
    if not wanted:
        return Found("TRUE", {})
    if not is_expression(wanted):
        return _plain(wanted.lower())
    tree = read(wanted, ATTRIBUTES)
    compiler = _Compiler(today)
    return Found(compiler.node(tree), compiler.params, tree)


def _plain(text: str) -> Found:
    """Return what plain words find: orders that name them, or that are in the status they name."""
    code = text.replace(" ", "_")
    axes = [axis for axis, known in _AXES.items() if code in known and code != "none"]
    if not axes:
        return Found(_PLAIN, {"plain": text})
    parts = [_PLAIN, *(_STATUS.format(axis=axis) for axis in axes)]
    return Found(f"({' OR '.join(parts)})", {"plain": text, "code": code})


@dataclass
class _Compiler:
    """Turns a checked tree into a condition; names are taken from the registry, values are bound."""

    today: date
    params: dict[str, object] = field(default_factory=dict)

    def node(self, node: Expression) -> str:
        if isinstance(node, And | Or):
            word = " AND " if isinstance(node, And) else " OR "
            return "(" + word.join(self.node(part) for part in node.parts) + ")"
        if isinstance(node, Not):
            return f"(NOT {self.node(node.part)})"
        return self.condition(node)

    def condition(self, node: Condition) -> str:
        """Return a condition that is true or false; inside an order, a negated one means *none of them*."""
        assert isinstance(node.subject, Name)  # noqa: S101 - orders have no functions, `read` refused them
        found = _BY_NAME[node.subject.name]
        negated = node.op in NEGATED if isinstance(node, Compare) else node.negated
        value = f"lower({found.sql})" if found.kind in {"text", "choice"} else found.sql
        if isinstance(node, IsNull):
            plain = f"({value} IS NULL OR CAST({value} AS VARCHAR) = '')"
        else:
            plain = f"COALESCE({self.compared(node, value, found)}, FALSE)"
        if found.inside:
            plain = f"EXISTS (SELECT 1 {found.inside} AND {plain})"
        return f"(NOT {plain})" if negated else plain

    def compared(self, node: Condition, value: str, found: OrderAttribute) -> str:
        """Return the positive comparison; the caller negates it."""
        if isinstance(node, Compare):
            right, op = self.bind(node.value, found), node.op.removeprefix("NOT ")
            if op == "CONTAINS":
                return f"contains({value}, {right})"
            if op == "STARTS WITH":
                return f"starts_with({value}, {right})"
            return f"({value} {'=' if op == '!=' else op} {right})"
        if isinstance(node, Between):
            return f"({value} BETWEEN {self.bind(node.low, found)} AND {self.bind(node.high, found)})"
        assert isinstance(node, In)  # noqa: S101 - the last kind of condition
        return f"({value} IN ({', '.join(self.bind(v, found) for v in node.values)}))"

    def bind(self, value: Value, found: OrderAttribute) -> str:
        """Bind a value and return its place in the SQL."""
        name = f"q{len(self.params)}"
        if isinstance(value, date | Offset):
            self.params[name] = resolve(value, self.today)
            return f"CAST(${name} AS DATE)"
        self.params[name] = str(value).lower() if found.kind in {"text", "choice"} else value
        return f"${name}"

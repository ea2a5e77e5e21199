"""Laws of what is kept beside the trade: states, segments, imports, rejected rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.audit.bins import RUN as BIN_LISTS
from oms_core.audit.cases import CLAIM, EXCHANGE, WITHDRAWAL
from oms_core.audit.counts import COUNT
from oms_core.audit.finance import BILL, INVOICE
from oms_core.audit.fulfilment import SHIPMENT, WORK
from oms_core.audit.law import Finding, Law, by_query, count_of
from oms_core.audit.money import RETURN
from oms_core.audit.order_changes import CHANGE
from oms_core.audit.purchasing import PURCHASE
from oms_core.audit.reservations import RESERVATION
from oms_core.audit.review import ASSESSMENT, SUSPICION
from oms_core.audit.stock import ORDER, TRANSFER
from oms_core.drafts import states as draft_states
from oms_core.drafts.tables import Draft
from oms_core.finance import states as finance_states
from oms_core.fulfilment import states as fulfilment_states
from oms_core.imports.tables import ImportDocument, ImportRun, RejectedRow
from oms_core.inventory import states as inventory_states
from oms_core.inventory.waiting import BACKORDERS
from oms_core.kernel.rows import table_of
from oms_core.marketing.tables import Segment
from oms_core.order_changes import states as order_change_states
from oms_core.orders import states as order_states
from oms_core.payments.tables import Charge
from oms_core.purchasing import states as purchasing_states
from oms_core.purchasing.answer_tables import SupplierAnswer
from oms_core.purchasing.mail_tables import BuyingMail
from oms_core.reporting import states as reporting_states
from oms_core.reporting.tables import ReportRun
from oms_core.returns import states as return_states
from oms_core.review import states as review_states

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SEGMENT, DOCUMENT, RUN = table_of(Segment), table_of(ImportDocument), table_of(ImportRun)
REJECTED, CHARGE, DRAFT = table_of(RejectedRow), table_of(Charge), table_of(Draft)
REPORT, ANSWER, MAIL = table_of(ReportRun), table_of(SupplierAnswer), table_of(BuyingMail)
#: Every state machine and the table that holds its states.
MACHINES = (
    (order_states.ORDER, ORDER),
    (order_change_states.ORDER_CHANGE, CHANGE),
    (draft_states.DRAFT, DRAFT),
    (fulfilment_states.FULFILLMENT_ORDER, WORK),
    (fulfilment_states.SHIPMENT, SHIPMENT),
    (review_states.ASSESSMENT, ASSESSMENT),
    (review_states.SUSPICION, SUSPICION),
    (return_states.RETURN, RETURN),
    (return_states.EXCHANGE, EXCHANGE),
    (return_states.CLAIM, CLAIM),
    (return_states.WITHDRAWAL, WITHDRAWAL),
    (finance_states.INVOICE, INVOICE),
    (finance_states.SUPPLIER_INVOICE, BILL),
    (purchasing_states.PURCHASE_ORDER, PURCHASE),
    (purchasing_states.SUPPLIER_ANSWER, ANSWER),
    (purchasing_states.BUYING_MAIL, MAIL),
    (inventory_states.TRANSFER, TRANSFER),
    (inventory_states.RESERVATION, RESERVATION),
    (inventory_states.STOCK_COUNT, COUNT),
    (inventory_states.BACKORDER, BACKORDERS),
    (inventory_states.BIN_REPLENISHMENT, BIN_LISTS),
    (reporting_states.REPORT_RUN, REPORT),
)


def _unknown_states() -> sa.CompoundSelect[*tuple[object, ...]]:
    """Return things in a state that their machine does not have or cannot reach."""
    parts = [
        sa.select(sa.literal_column(f"'{machine.name}'").label("machine"), _called(table), table.c.state).where(
            table.c.state.not_in(sorted(machine.reachable() & set(machine.states)))
        )
        for machine, table in MACHINES
    ]
    return sa.union_all(*parts)


def _called(table: sa.Table) -> sa.ColumnElement[Any]:
    """Return what people call a row of the table: its number, else its id."""
    name = table.c.number if "number" in table.c else sa.cast(table.c.id, sa.Text)
    return name.label("number")


def _all_things() -> sa.Select[*tuple[object, ...]]:
    counts = [count_of(table).scalar_subquery() for _, table in MACHINES]
    return sa.select(sum(counts[1:], start=counts[0]))


def _current_versions() -> sa.Select[*tuple[object, ...]]:
    current = sa.func.sum(sa.case((SEGMENT.c.is_current, 1), else_=0))
    newest = sa.func.max(sa.case((SEGMENT.c.is_current, SEGMENT.c.version), else_=None))
    wrong = sa.or_(current > 1, newest < sa.func.max(SEGMENT.c.version))
    return sa.select(SEGMENT.c.name, current.label("current")).group_by(SEGMENT.c.name).having(wrong)


def _lost_documents() -> sa.Select[*tuple[object, ...]]:
    """Return source documents that are marked as taken and are nowhere."""
    name = DOCUMENT.c.external_id
    # IN, not EXISTS: these names have no index of their own, so each table is read once
    lost = [name.not_in(sa.select(table.c.external_id)) for table in (ORDER, RETURN, CHARGE)]
    no_run = DOCUMENT.c.import_run_id.not_in(sa.select(RUN.c.id))
    return sa.select(DOCUMENT.c.id, DOCUMENT.c.source, name).where(sa.or_(sa.and_(*lost), no_run))


def _unsourced_history() -> sa.Select[*tuple[object, ...]]:
    sourced = ORDER.c.external_id.in_(sa.select(DOCUMENT.c.external_id))
    return sa.select(ORDER.c.number, ORDER.c.external_id).where(ORDER.c.is_history, sa.not_(sourced))


def rejected_rows(session: Session) -> Finding:
    """Count rejected rows that nobody resolved; told, never broken: they are work, not a fault."""
    waiting = count_of(REJECTED, REJECTED.c.resolved_at.is_(None))
    return Finding(int(session.execute(waiting).scalar_one()), 0)


LAWS = (
    Law(
        "states.known_and_reachable",
        "Everything with a state is in one that its machine has and can reach.",
        by_query(_all_things(), _unknown_states(), "{machine} {number} is {state}, which its machine cannot reach"),
    ),
    Law(
        "segments.one_current_version",
        "A segment has at most one current version, and it is the newest.",
        by_query(
            sa.select(sa.func.count(SEGMENT.c.name.distinct())),
            _current_versions(),
            "segment {name!r} has {current} current version(s), or an older one",
        ),
    ),
    Law(
        "imports.documents_are_kept",
        "Every source document that was taken is an order, a return or a charge, and names its import.",
        by_query(count_of(DOCUMENT), _lost_documents(), "document {external_id} of {source} is nowhere"),
    ),
    Law(
        "imports.history_has_a_source",
        "Every order of imported history is a document that an import took.",
        by_query(
            count_of(ORDER, ORDER.c.is_history), _unsourced_history(), "order {number} ({external_id}) has no document"
        ),
    ),
    Law(
        "imports.rejected_rows_waiting",
        "Rows that an import rejected wait to be mended; counted here, never broken.",
        rejected_rows,
    ),
)

"""Every table of the core, gathered so that migrations and replicas see one metadata."""

from __future__ import annotations

import oms_core.access.tables
import oms_core.catalog.tables
import oms_core.customers.merge_tables
import oms_core.customers.tables
import oms_core.drafts.tables
import oms_core.finance.cost_tables
import oms_core.finance.ledger_tables
import oms_core.finance.tables
import oms_core.fulfilment.tables
import oms_core.imports.tables
import oms_core.inventory.bin_tables
import oms_core.inventory.count_tables
import oms_core.inventory.lot_tables
import oms_core.inventory.low_tables
import oms_core.inventory.promise_tables
import oms_core.inventory.tables
import oms_core.kernel.exchange
import oms_core.kernel.journal
import oms_core.locations.tables
import oms_core.marketing.segment_tables
import oms_core.marketing.tables
import oms_core.marketing.template_tables
import oms_core.marketing.value_tables
import oms_core.order_changes.tables
import oms_core.orders.tables
import oms_core.payments.payout_tables
import oms_core.payments.tables
import oms_core.planning.policy_tables
import oms_core.planning.tables
import oms_core.planning.trial_tables
import oms_core.purchasing.answer_tables
import oms_core.purchasing.control_tables
import oms_core.purchasing.mail_tables
import oms_core.purchasing.tables
import oms_core.purchasing.terms_tables
import oms_core.reporting.tables
import oms_core.reporting.trust_tables
import oms_core.returns.address_tables
import oms_core.returns.case_tables
import oms_core.returns.policy_tables
import oms_core.returns.tables
import oms_core.review.tables
import oms_core.review.view_tables
import oms_core.routing.tables  # noqa: F401
from oms_core.kernel.change_log import tracked_tables
from oms_core.kernel.database import Base

METADATA = Base.metadata
TRACKED = tracked_tables(METADATA)

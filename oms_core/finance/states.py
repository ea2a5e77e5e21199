"""The machines of documents: sales invoices and suppliers' invoices."""

from __future__ import annotations

from oms_core.kernel.states import Machine

INVOICE = Machine(
    name="invoice",
    start="draft",
    moves={"draft": ("issued",), "issued": ("corrected",), "corrected": ()},
    colours={"draft": "gray", "issued": "green", "corrected": "orange"},
)

SUPPLIER_INVOICE = Machine(
    name="supplier_invoice",
    start="entered",
    moves={
        "entered": ("approved", "disputed", "cancelled"),
        "disputed": ("approved", "cancelled"),
        "approved": ("paid",),
        "paid": (),
        "cancelled": (),
    },
    colours={"entered": "blue", "disputed": "red", "approved": "green", "paid": "gray", "cancelled": "gray"},
)

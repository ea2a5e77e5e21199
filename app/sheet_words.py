"""What people read on the sheets of master data: names, questions, columns."""

from __future__ import annotations

from app.i18n import N_

#: Sheet to its name, its question, and what depends on it.
SHEETS: dict[str, tuple[str, str, str]] = {
    "locations": (
        N_("Locations"), N_("Where is stock kept and shipped from?"), N_("Routing asks them by rank, 1 first."),
    ),
    "channels": (N_("Channels"), N_("Where do orders come from?"), N_("An order names its channel by the code.")),
    "products": (N_("Products"), N_("What do we sell?"), N_("Variants of one product share its code and category.")),
    "suppliers": (
        N_("Suppliers"), N_("Who do we buy from?"), N_("Replenishment reckons with their lead times and minimums."),
    ),
    "supplier-items": (
        N_("Supplier items"), N_("Which supplier sells which SKU, and how?"),
        N_("Packs, minimum quantities and unit costs of the suggestions."),
    ),
    "stock": (
        N_("Stock on hand"), N_("What lies where?"),
        N_("The difference is posted: as opening balance where nothing lay before, elsewhere as a correction."),
    ),
}  # fmt: skip
COLUMNS: dict[str, str] = {
    "code": N_("Code"), "name": N_("Name"), "kind": N_("Kind"), "country": N_("Country"),
    "postal_code": N_("Postal code"), "city": N_("City"), "position": N_("Rank"), "is_active": N_("Active"),
    "service_window_minutes": N_("Minutes an order may still be changed"), "sku": N_("SKU"), "title": N_("Title"),
    "product": N_("Product"), "category": N_("Category"), "barcode": N_("Barcode"), "price": N_("Price"),
    "cost": N_("Unit cost"), "currency": N_("Currency"), "weight_g": N_("Weight, g"), "volume_cm3": N_("Volume, cm³"),
    "email": N_("E-mail"), "lead_time_days": N_("Lead time, days"), "lead_time_sd_days": N_("Its spread, days"),
    "review_days": N_("Order every … days"), "cover_days": N_("Cover, days"), "min_order": N_("Minimum order"),
    "fixed_cost": N_("Cost of an order"), "payment_days": N_("Payment, days"), "supplier": N_("Supplier"),
    "supplier_sku": N_("Supplier's SKU"), "unit_cost": N_("Unit cost"), "pack": N_("Pack"),
    "moq": N_("Minimum quantity"), "is_preferred": N_("Preferred"), "location": N_("Location"),
    "on_hand": N_("On hand"),
}  # fmt: skip
SETTINGS: dict[str, str] = {
    "name": N_("Name of the shop"), "zone": N_("Time zone"), "currency": N_("Currency"), "country": N_("Country"),
    "language": N_("Language"), "legal_name": N_("Legal name"), "tax_id": N_("Tax number"), "address": N_("Address"),
    "bank_account": N_("Bank account"), "invoice_due_days": N_("Invoices are due after, days"),
    "included_tax_percent": N_("Tax prices already hold, %"),
    "invoice_when_shipped": N_("Invoice every parcel when it leaves"),
    "mail_customers": N_("Mail customers about drafts, returns and withdrawals"),
}  # fmt: skip

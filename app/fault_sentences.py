"""What expected errors say in another language than English: code to what happened and what to do.

A code without a line here is said by its kind (:data:`KINDS`), with the error's own English sentence as detail;
so nothing a page can show is silent, and the codes a shop meets every day are said in full.
"""

from __future__ import annotations

from app.i18n import N_

#: Code (or its first part) to what happened and what to do; facts by name.
SENTENCES: dict[str, tuple[str, str]] = {
    "stock.insufficient": (N_("Not enough stock: {lines}."), N_("Lower the quantities, receive stock, or wait.")),
    "stock_state.refused": (
        N_("Units in this state cannot be moved like that."), N_("Look at the states of the SKU on the Stock page."),
    ),
    "invoice.more_than_ordered": (
        N_("Nobody invoices more than was ordered."), N_("Lower the units, or correct the earlier invoices."),
    ),
    "invoice.nothing_shipped": (
        N_("Nothing that was shipped waits for an invoice."), N_("Ship it, or name the units."),
    ),
    "invoice.several": (
        N_("The order is invoiced in parts: which of them is wrong is not known."), N_("Correct that one by hand."),
    ),
    "invoice.no_units": (N_("Nothing was entered."), N_("Enter at least one unit.")),
    "bin.has_rules": (N_("The bin is filled up by rules: overstock is not."), N_("Drop its rules first.")),
    "bin.not_empty": (N_("Something still lies in the bin."), N_("Carry it to another bin first.")),
    "bin.in_list": (N_("An open worker's list needs the bin."), N_("Finish the list or cancel it.")),
    "bin.retired": (N_("The bin was taken away."), N_("Name it again to use it, or choose another.")),
    "bin.not_pick": (N_("Only pick bins are filled up."), N_("Choose a pick bin.")),
    "bin.less_than_nothing": (N_("No bin can hold less than nothing."), N_("Count the product first.")),
    "bin_replenishment.nothing": (
        N_("There is nothing to carry."), N_("Put overstock away, or change what bins should hold."),
    ),
    "bin_replenishment.no_reason": (N_("A word of reason is missing."), N_("Write why.")),
    "order.shipped": (N_("The order has left in part or whole."), N_("Take the goods back as a return instead.")),
    "order.not_open": (N_("The order is no longer open."), N_("Look at its state and timeline.")),
    "order.stale": (
        N_("Somebody else changed the order meanwhile."), N_("Look at it again, then decide."),
    ),
    "order.duplicate": (N_("The channel has sent this order before."), N_("Search for its number.")),
    "order.no_lines": (N_("An order needs at least one line."), N_("Add a line.")),
    "shipment.nothing_open": (N_("The order has no open work to ship."), N_("Allocate it first.")),
    "shipment.on_hold": (N_("The work is on hold."), N_("Release the hold, then ship.")),
    "shipment.scheduled": (N_("The work is not released to the warehouse yet."), N_("Wait, or release it now.")),
    "shipment.duplicate": (
        N_("This tracking number belongs to another parcel."), N_("Check the number on the label."),
    ),
    "fulfillment_order.on_hold": (N_("The work is on hold."), N_("Release the hold first.")),
    "fulfillment_order.finished": (N_("The work is finished."), N_("Nothing is left to split or move.")),
    "purchase_order.not_editable": (
        N_("The purchase order left the draft; its quantities can no longer change."),
        N_("Cancel what is not needed, or draft another one."),
    ),
    "purchase_order.last_line": (N_("An order cannot be empty."), N_("Cancel the whole order instead.")),
    "purchase_order.over_receipt": (
        N_("More arrived than the order still expects."), N_("Count again, or keep the rest and say why."),
    ),
    "purchase_order.needs_approval": (
        N_("The order is above your limit."), N_("Ask for an approval: somebody else looks at it."),
    ),
    "purchase_order.own_hands": (
        N_("Whoever wrote or changed an order cannot approve it."), N_("Somebody else has to look at it."),
    ),
    "purchase_order.over_limit": (N_("The order is above your limit."), N_("Somebody with a higher limit decides.")),
    "purchase_order.no_rate": (
        N_("Without an exchange rate the limit cannot be compared."), N_("Enter a rate of that day."),
    ),
    "purchase_order.duplicate": (
        N_("The same goods are late already."), N_("Chase the late order, or say why both are meant."),
    ),
    "purchase_order.answer_open": (
        N_("An answer of the supplier waits for a decision."), N_("Accept or refuse it first."),
    ),
    "purchase_order.answer_same": (N_("Nothing differs from the order."), N_("Confirm it as it is.")),
    "purchase_order.answer_nothing": (N_("The supplier delivers nothing of it."), N_("Cancel the order.")),
    "purchase_order.no_reason": (N_("A word of reason is missing."), N_("Write why.")),
    "purchase_order.remark": (
        N_("What differs needs units and a reason."), N_("Enter how many, and why."),
    ),
    "supplier.no_address": (N_("No e-mail address of the supplier is known."), N_("Enter one.")),
    "purchase_order.nothing": (N_("Nothing was entered."), N_("Enter at least one unit.")),
    "purchase_order.no_lines": (N_("A purchase order needs at least one line."), N_("Add a line.")),
    "replenish.nothing": (N_("There is nothing to order."), N_("Raise a quantity, or look at all SKUs.")),
    "forecast.none": (N_("No forecast has been stored yet."), N_("Start one on the Forecast page.")),
    "forecast.too_little_data": (
        N_("There are too few days of orders for a forecast."), N_("It needs 16 weeks of orders."),
    ),
    "clv.too_little_data": (
        N_("There are too few customers with a second order to value them."), N_("Import more history."),
    ),
    "segment.no_scores": (
        N_("The segment asks for predictions, and no customer was scored yet."),
        N_("In a terminal: ordersight clv score"),
    ),
    "segment.cycle": (N_("The segment is made of itself."), N_("Take it out of its own definition.")),
    "export.destination_not_available": (
        N_("Files for this destination cannot be written yet."), N_("Choose another one."),
    ),
    "metric.cannot_split": (
        N_("This metric cannot be split like that."), N_("The glossary names the dimensions it knows."),
    ),
    "metric.no_past": (
        N_("{slug} cannot be looked at from the past: its earlier values were not kept."),
        N_("Choose another number, or look at it as known now."),
    ),
    "metric.not_restatable": (
        N_("{metric} does not add up over orders."), N_("Ask the sums it is made of."),
    ),
    "metric.not_convertible": (
        N_("{metric} is a state at a moment, and no order's rate applies to it."), N_("Ask it by currency."),
    ),
    "rates.missing": (
        N_("Rates into {currency} are missing for {days} days."), N_("Bring the published rates in."),
    ),
    "cohorts.mixed_currencies": (
        N_("Customers paid in several currencies, which are never summed."), N_("Choose one currency."),
    ),
    "metric.not_found": (N_("There is no such metric."), N_("Search for it in the glossary.")),
    "replica.source_unreadable": (
        N_("The shop's database cannot be read."), N_("Check that it is there, running and of this version."),
    ),
    "settings.fixed": (
        N_("Zone and currency stay: there are orders whose days and sums are kept in them."),
        N_("Start a shop of its own in another folder."),
    ),
    "stock.promised": (
        N_("More units are promised, reserved or set aside there."), N_("Cancel or move those first, or count again."),
    ),
    "location.none": (N_("This shop has no location yet."), N_("Add one on the page Setup.")),
    "replica.locked": (
        N_("Another process uses the dashboard's replica."),
        N_("Stop the other dashboard of this shop, then try again."),
    ),
    "replica": (
        N_("The dashboard's copy of the shop cannot be read."), N_("Restart the dashboard; it makes a new copy."),
    ),
    "database.locked": (
        N_("Another process is writing to the shop's database."), N_("Wait for it to finish, then try again."),
    ),
    "database.no_schema": (
        N_("There is no shop in this folder yet."), N_("In a terminal: ordersight init or ordersight demo."),
    ),
    "database.older": (
        N_("The shop's database is older than this version."),
        N_("Make a copy of it, then in a terminal: ordersight upgrade"),
    ),
    "database.newer": (N_("The shop's database is newer than this version."), N_("Install the newer version.")),
    "database.unreachable": (N_("The database server does not answer."), N_("Check its address and that it runs.")),
    "expression.unknown_attribute": (
        N_("The expression names an attribute that does not exist."), N_("Perhaps you meant: {near}."),
    ),
    "expression.too_large": (N_("The expression is too large."), N_("Split it into several segments or searches.")),
    "expression": (N_("The expression cannot be read."), N_("Example: total > 500 AND country IN ('DE', 'FR').")),
    "payment.duplicate": (N_("The payment was booked before."), N_("Look at the order's payments.")),
    "payment.order_cancelled": (
        N_("The order is cancelled: no money may be taken for it."), N_("Refunds are still possible."),
    ),
    "payment.nothing_due": (N_("Nothing is owed for the order."), N_("Look at what was paid so far.")),
    "payment.not_overpaid": (N_("The order is not paid too much."), N_("Look at the order's payments.")),
    "payment.write_off_too_large": (N_("The rest is too large to be forgiven."), N_("Ask the customer for it.")),
    "credit.insufficient": (
        N_("There is not enough store credit."), N_("Take the rest by another way of payment."),
    ),
    "cod.other_list": (
        N_("A list of this name was booked with other rows."), N_("Give a correcting list a name of its own."),
    ),
    "cod.parcel_twice": (N_("A parcel stands on the list twice."), N_("Leave each parcel once.")),
    "cod.currencies": (N_("The list holds several currencies."), N_("Book one list for each currency.")),
    "invoice.order_cancelled": (
        N_("The order is cancelled: there is nothing to invoice."), N_("Look at the order."),
    ),
    "invoice.nothing": (N_("Nothing of the invoice changes."), N_("Change a line or the buyer.")),
    "invoice.none_to_correct": (N_("The order has no issued invoice."), N_("Issue the invoice first.")),
    "supplier_invoice.differs": (
        N_("The bill does not fit its order and receipts."),
        N_("Dispute it, or say why the differences are accepted."),
    ),
    "supplier_invoice.duplicate": (
        N_("This bill of the supplier was entered before."), N_("Work with the one that exists."),
    ),
    "supplier_invoice.paid_too_much": (N_("More than is open of the bill cannot be paid."), N_("Lower the amount.")),
    "input.tax_id": (
        N_("The tax number does not fit its check digit."), N_("Ask the buyer for it again, or leave it out."),
    ),
    "input.amount": (N_("The amount cannot be read."), N_("Write it like 12.30.")),
    "input.file": (
        N_("The file cannot be read."),
        N_("A CSV in UTF-8 with the columns that are asked for is expected."),
    ),
    "payment": (N_("The payment cannot be booked."), N_("Look at what was paid and given back so far.")),
    "return.already_received": (N_("This line was dealt with before."), N_("Look at the return's lines.")),
    "return.too_many": (N_("More than was shipped cannot come back."), N_("Lower the quantity.")),
    "return": (N_("The return cannot be changed like that."), N_("Look at its lines and its state.")),
}  # fmt: skip

#: What was looked for, by the first part of ``….not_found``.
THINGS: dict[str, str] = {
    "order": N_("order"), "customer": N_("customer"), "sku": N_("SKU"), "variant": N_("SKU"),
    "purchase_order": N_("purchase order"), "purchase_order_line": N_("purchase order line"),
    "supplier": N_("supplier"), "location": N_("location"), "channel": N_("channel"), "segment": N_("segment"),
    "metric": N_("metric"), "dimension": N_("dimension"), "shipment": N_("shipment"), "return": N_("return"),
    "invoice": N_("invoice"), "supplier_invoice": N_("supplier's bill"),
}  # fmt: skip
NOT_FOUND = (N_("Not found: {thing} {name}."), N_("Perhaps you meant: {near}."))
TRANSITION = (N_("It is {current} and cannot become {target}."), N_("It may become: {allowed}."))

#: Class of an error to what it means, for codes without a sentence.
KINDS: dict[str, str] = {
    "InvalidInput": N_("A value does not have the expected form."),
    "Conflict": N_("Somebody else changed or holds it. Trying again is safe."),
    "DataNotReady": N_("Something this needs is missing or too small."),
    "Refused": N_("A rule does not allow it."),
    "OmsError": N_("This did not work."),
}

"""Products: wiring."""

from app import blocks, data, filters
from app.i18n import _
from app.views import products

place = data.place()
with blocks.head(_("Products"), _("Which products grow, where, and why?")):
    pass

if not blocks.no_data():
    chosen = filters.chips(place)
    with blocks.guard("products"):
        choice = products.choose()
        facts = products.load(chosen, choice)
        if facts.items.is_empty():
            blocks.nothing_matches(_("Nothing was sold"), chosen)
        else:
            item = products.render(products.build(facts, chosen, choice, place), choice)
            if item:
                products.explain(item, chosen, choice, facts)
            sheet = products.sheet(facts, choice, chosen, place)
            blocks.footer(sheet=sheet, period=chosen, queries=products.QUERIES, slugs=(choice.slug, *products.TILES))

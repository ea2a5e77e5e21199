"""Supply plan: wiring."""

from app import blocks, data
from app.i18n import _
from app.views import supply_plan

place = data.place()
with blocks.head(_("Supply plan"), _("What do the next twelve months need, and when is it paid?")):
    pass

if not blocks.no_data():
    plan = None
    with blocks.guard("supply_plan"):
        plan = supply_plan.load()
        supply_plan.render(plan, place)
    with blocks.guard("supply_plan_footer"):
        blocks.footer(sheet=supply_plan.sheet(plan), queries=supply_plan.QUERIES)

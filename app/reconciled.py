"""When the numbers were last reconciled, as a badge beside them."""

from __future__ import annotations

from app import data
from app import format as fmt
from app.i18n import _, ngettext
from oms_core.kernel import clock
from oms_core.reporting import checks


def badge() -> str:
    """Return the badge in Streamlit's markup: reconciled at a time, or how many checks are broken; empty before any."""
    with data.floor().workspace.reading() as session:
        last = checks.last_run(session, whole=False)
    if last is None:
        return ""
    zone = data.shop().zone
    at = last["started_at"]
    same_day = clock.business_date(at, zone) == data.place().today
    local = fmt.clock_time(at, zone) if same_day else fmt.moment(at, zone)
    if last["broken"]:
        said = ngettext("{n} check broken, {time}", "{n} checks broken, {time}", last["broken"])
        return f":red-badge[:material/error: {said.format(n=last['broken'], time=local)}]"
    return f":green-badge[:material/verified: {_('reconciled {time}').format(time=local)}]"

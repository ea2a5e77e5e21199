"""Where a page's numbers come from: how fresh, whose clock, what is simulated; the end of every caption."""

from __future__ import annotations

from app import data, reconciled
from app import format as fmt
from app.i18n import N_, _, ngettext
from oms_core.kernel import clock

#: What a demo may simulate; a shop's own words are shown as they are.
SIMULATED = (
    N_("stock"), N_("locations"), N_("suppliers"), N_("costs"), N_("carriers"), N_("consents"), N_("names"),
    N_("everything: customers"), N_("orders"), N_("prices"), N_("returns"),
    N_("payments"), N_("new orders"), N_("parcels"),
)  # fmt: skip
#: More than that many nouns are counted, so that a caption stays one line; the help beside it names them all.
NAMED = 4


def parts() -> list[str]:
    """Return the caption's standing parts: data as of, whose clock, what is simulated, when it was reconciled."""
    shop = data.shop()
    said = [_("data as of {time}").format(time=fmt.clock_time(data.refreshed_at(), shop.zone, seconds=True))]
    if shop.clock_label:
        said.append(_("demo clock: {moment}").format(moment=fmt.moment(clock.now(), shop.zone)))
    if shop.simulated:
        said.append(simulated(shop.simulated, most=NAMED))
    checked = reconciled.badge()
    return [*said, checked] if checked else said


def whole() -> str | None:
    """Return what the caption's help says: how the clock runs, and everything that is simulated."""
    shop = data.shop()
    said = [text for text in (shop.clock_label, simulated(shop.simulated) if shop.simulated else "") if text]
    return "\n\n".join(said) or None


def simulated(nouns: str, *, most: int | None = None) -> str:
    """Say which facts are simulated: ``simulated: stock, suppliers and parcels``.

    Parameters
    ----------
    most : int, optional
        Of more nouns than that the first two are named and the others counted.
    """
    words = [_(noun.strip()) for noun in nouns.split(",") if noun.strip()]
    return _("simulated: {nouns}").format(nouns=_listed(words, most or len(words)))


def _listed(words: list[str], most: int) -> str:
    if len(words) <= 1:
        return "".join(words)
    if len(words) <= most:
        return _("{first} and {last}").format(first=", ".join(words[:-1]), last=words[-1])
    if ":" in words[0]:  # "everything: customers" says it all
        return words[0].partition(":")[0]
    rest = len(words) - 2
    more = ngettext("{first} and {n} more", "{first} and {n} more", rest)
    return more.format(first=", ".join(words[:2]), n=fmt.count(rest))

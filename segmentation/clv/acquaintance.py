"""Were customers there before the file begins? Found out from the file itself, and taken into account.

The models take the first purchase seen for the first of all. A file that begins in the middle of a shop's life shows
customers late whose purchase rate is low: in a steady shop, a customer first seen after F days has
been silent for F days, so its rate is Gamma(r, α + F) and no longer Gamma(r, α). Taken for new, such customers are
expected to buy far too often.

One number c between 0 (everybody is new with the first purchase seen) and 1 (everybody was there before) puts c · F
days of silence before the first purchase. It is chosen by likelihood, on a grid, and stays 0 unless the data speak
for more: in cohorts of new customers they speak against it, clearly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from segmentation.clv.models import fit_model

if TYPE_CHECKING:
    from segmentation.clv.counting import Counts

SHARES = (0.25, 0.5, 0.75, 1.0)
#: Log-likelihood that silence before the first purchase must gain to be believed.
NEEDED_GAIN = 3.0
#: Customers it is decided on at most.
SAMPLE = 4_000


def known_before(counts: Counts) -> Counts:
    """Return the histories with the silence before the first purchase that the data speak for.

    Parameters
    ----------
    counts : Counts
        Histories of customers taken as new.
    """
    few = counts.thinned(SAMPLE)
    best, found = fit_model("bgnbd", few).log_likelihood + NEEDED_GAIN, 0.0
    for share in SHARES:
        fitted = fit_model("bgnbd", few.known_before(share))
        if fitted.log_likelihood <= best:
            break
        best, found = fitted.log_likelihood, share
    return counts.known_before(found) if found else counts

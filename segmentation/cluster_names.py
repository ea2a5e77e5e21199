"""What a cluster is called: its medoid's recency, orders and spend among all customers who bought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

#: Words from low to high by feature; a lower recency is more recent.
WORDS: Mapping[str, tuple[str, str, str]] = {
    "recency": ("recent", "cooling", "quiet"),
    "orders": ("once", "repeat", "frequent"),
    "spent": ("low", "middle", "high"),
}
#: Told after those three where two clusters would have the same name.
MORE: Mapping[str, tuple[str, str, str]] = {
    "aov": ("small_baskets", "usual_baskets", "big_baskets"),
    "returned": ("keeps", "returns", "returns_much"),
    "gap": ("quick", "steady", "slow"),
}
LABELS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "recent": "recent", "cooling": "cooling", "quiet": "quiet", "once": "bought once", "repeat": "came back",
        "frequent": "buy often", "low": "low spend", "middle": "middle spend", "high": "high spend",
        "small_baskets": "small baskets", "usual_baskets": "usual baskets", "big_baskets": "big baskets",
        "keeps": "keep what they buy", "returns": "return some", "returns_much": "return much",
        "quick": "quick to return", "steady": "steady", "slow": "slow to return",
    },
    "pl": {
        "recent": "niedawni", "cooling": "stygnący", "quiet": "cisi", "once": "jeden zakup", "repeat": "wracający",
        "frequent": "kupują często", "low": "małe wydatki", "middle": "średnie wydatki", "high": "duże wydatki",
        "small_baskets": "małe koszyki", "usual_baskets": "zwykłe koszyki", "big_baskets": "duże koszyki",
        "keeps": "nie zwracają", "returns": "czasem zwracają", "returns_much": "dużo zwracają",
        "quick": "wracają szybko", "steady": "równo", "slow": "wracają rzadko",
    },
}  # fmt: skip


def named(medoids: Sequence[Mapping[str, Any]], everybody: pl.DataFrame) -> tuple[str, ...]:
    """Return one name for each cluster, all different: words joined by ``-``.

    Parameters
    ----------
    medoids : sequence of mapping
        Features of each cluster's medoid.
    everybody : polars.DataFrame
        The same features of all customers who bought.
    """
    names = ["-".join(_word(feature, one, everybody, WORDS) for feature in WORDS) for one in medoids]
    for feature in MORE:
        counts = Counter(names)
        told = [_word(feature, one, everybody, MORE) for one in medoids]
        names = [f"{name}-{word}" if counts[name] > 1 else name for name, word in zip(names, told, strict=True)]
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return tuple(unique)


def _word(
    feature: str, medoid: Mapping[str, Any], everybody: pl.DataFrame, words: Mapping[str, tuple[str, str, str]]
) -> str:
    value = float(medoid[feature])
    if feature == "orders":
        return words[feature][0 if value <= 1 else 1 if value <= 4 else 2]
    if feature == "returned":
        return words[feature][0 if value <= 0 else 1 if value <= 0.3 else 2]
    column = everybody.get_column(feature)
    low, high = (float(column.quantile(share) or 0) for share in (1 / 3, 2 / 3))
    return words[feature][0 if value <= low else 1 if value <= high else 2]


def label(name: str, language: str = "en") -> str:
    """Return a cluster's name in words."""
    words = LABELS.get(language, LABELS["en"])
    text = ", ".join(words.get(word, word) for word in name.split("-"))
    return text[:1].upper() + text[1:]

"""RFM cut points and clusters of the shop: computed from the facts of today, clusters kept as versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from app.jobs import segments as job
from oms_core.kernel.money import to_decimal
from oms_core.marketing import snapshot_queries, snapshots
from segmentation import rfm as rfm_scores

if TYPE_CHECKING:
    from app.workspace import Workspace
    from segmentation.clusters import Clusters


def rfm(workspace: Workspace) -> dict[str, Any]:
    """Return the grid's version, the cut points, and size and spend of each group.

    Money of the cut points is in major units of the shop's currency.
    """
    known = job.facts(workspace)
    cuts = rfm_scores.cuts_of(known.customers, known.today)
    sizes = known.customers.group_by("rfm_group").agg(pl.len().alias("customers"), pl.col("spent_minor").sum())
    by_name = {row["rfm_group"]: row for row in sizes.iter_rows(named=True)}
    return {
        "grid_version": rfm_scores.GRID_VERSION,
        "recency_days": [int(-v) for v in cuts["r"]],
        "orders": [int(v) for v in cuts["f"]],
        "spent": [to_decimal(int(v), known.currency) for v in cuts["m"]],
        "currency": known.currency,
        "groups": [
            {
                "group": name,
                "customers": by_name[name]["customers"] if name in by_name else 0,
                "spent": to_decimal(int(by_name[name]["spent_minor"]) if name in by_name else 0, known.currency),
            }
            for name in rfm_scores.GROUPS
        ],
    }


def clusters(
    workspace: Workspace, *, save: bool = False, seed: int = 0, language: str = "en", actor: str = "cli"
) -> dict[str, Any]:
    """Fit clusters to the shop's customers; with `save` keep them as the next version.

    Raises
    ------
    DataNotReady
        ``segment.too_few_for_clusters``.
    """
    from segmentation.clusters import fit

    known = job.facts(workspace)
    found = fit(known.customers, known.today, seed=seed)
    told = described(found, found.assign(known.customers, known.today), language)
    if save:
        with workspace.transaction() as session:
            told["version"] = snapshots.store_model(session, kind="clusters", body=found.body(), actor=actor).version
        job.forget(workspace)
    return told


def kept_clusters(workspace: Workspace, language: str = "en") -> dict[str, Any] | None:
    """Return the kept clusters as :func:`clusters` does, with their version; None before the first."""
    from segmentation.clusters import Clusters

    with workspace.reading() as session:
        row = snapshot_queries.current_model(session, "clusters")
    if row is None:
        return None
    known = job.facts(workspace)
    found = Clusters.read(row["body"])
    told = described(found, known.customers.get_column("cluster"), language)
    return told | {"version": row["version"], "at": row["at"]}


def described(found: Clusters, assigned: pl.Series, language: str) -> dict[str, Any]:
    """Return a mixture as people read it: how it was chosen, and each cluster with its medoid."""
    from segmentation.cluster_names import label

    sizes = dict(assigned.drop_nulls().value_counts().iter_rows())
    return {
        "clusters": len(found.names), "stable": found.stable, "fitted_on": found.fitted_on,
        "customers": found.customers, "seed": found.seed, "tried": list(found.trials), "version": None,
        "groups": [
            {"name": name, "label": label(name, language), "customers": sizes.get(name, 0), "medoid": medoid}
            for name, medoid in zip(found.names, found.medoids, strict=True)
        ],
    }  # fmt: skip

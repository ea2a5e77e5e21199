"""History import: any file of order lines, through a mapping, into the shop; safe to repeat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from oms_core.imports.result import ImportResult

if TYPE_CHECKING:
    import sqlalchemy as sa

    from oms_core.kernel.settings import Shop

#: Called with what is being done and how much of the whole is done (0-1).
Progress = Callable[[str, float], None]


def import_history(
    engine: sa.Engine,
    shop: Shop,
    *,
    source: str,
    files: Sequence[Path] = (),
    mapping: Path | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    dry_run: bool = False,
    rejects: Path | None = None,
    progress: Progress | None = None,
) -> ImportResult:
    """Read files, store what is new in one transaction, and say what was done.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        The operational database, migrated. Reading happens before the transaction; nothing is
        stored unless everything is.
    shop : Shop
        Settings: currency and zone where the mapping names none.
    source : str
        ``"online-retail"`` or ``"csv"`` (which needs `mapping`).
    files : sequence of Path
        CSV, TSV, JSON(L), XLSX or Parquet. Empty with ``"online-retail"``: the packaged first year.
    mapping : Path, optional
        A mapping file (TOML); see `docs/imports.md`.
    since, until : datetime, optional
        Aware instants, half-open: only documents of that time are stored. The others come back in
        ``result.remaining`` as plain objects. Their variants and customers *are* stored (the
        catalogue and the identities are known), so ``variant_id`` and ``customer_id`` are real keys.
    dry_run : bool
        Do everything, store nothing, answer the same counts.
    rejects : Path, optional
        Write the rejected rows of this run here, with their reasons, to be mended and imported again.
    progress : callable, optional
        Receives ``(what, share)``.

    Returns
    -------
    ImportResult
        ``counts`` (the JSON answer), ``remaining`` (documents outside the window), ``run_id``.

    Notes
    -----
    Identity is (source, document number): a second run finds every document unchanged and changes
    no row. Products, channels and customers are created as needed. Orders are history: fulfilled,
    delivered and paid as stated by their source; they touch no stock.

    Examples
    --------
    ::

        cut = datetime(2010, 11, 25, tzinfo=UTC)
        result = import_history(engine, shop, source="online-retail", until=cut)
        for order in result.remaining.orders:
            ...  # OrderDocument: place it through intake
    """
    raise NotImplementedError

"""History import: any file of order lines, through a mapping, into the shop; safe to repeat."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from oms_core.channels.csv_mapping import Mapping, load_mapping
from oms_core.channels.prepare import prepare
from oms_core.imports.load import load
from oms_core.imports.rejects import write_rejects
from oms_core.imports.result import ImportResult
from oms_core.kernel.database import reading, transaction
from oms_core.kernel.errors import Conflict, InvalidInput, NotFound
from oms_core.kernel.settings import save_shop
from oms_core.orders.tables import Order

if TYPE_CHECKING:
    from oms_core.kernel.settings import Shop

DATA = Path(__file__).parent / "data"
#: Sources that come with a mapping of their own.
BUILT_IN = {"online-retail": "online_retail.toml"}
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
    adopt_settings: bool = False,
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
    adopt_settings : bool
        Let the first orders of an empty shop set its zone and currency.
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
    begun = time.perf_counter()
    say = progress or _silent
    chosen = mapping_for(source, mapping)
    paths = list(files) or [_packaged(source)]
    if rejects is not None:
        _require_place(rejects)
    is_empty = adopt_settings and _has_no_orders(engine)
    zone = (is_empty and chosen.zone) or shop.zone
    batch = prepare(paths, chosen, zone=zone, currency=shop.currency, progress=say)
    opened = reading(engine) if dry_run else transaction(engine)
    with _one_at_a_time(), opened as session:
        result, plan = load(session, batch, since=since, until=until, dry_run=dry_run, progress=say, begun=begun)
        if is_empty and result.run_id is not None:
            save_shop(session, replace(shop, zone=zone, currency=result.counts["currency"]))
    if rejects is not None:
        dialect = chosen.dialect
        write_rejects(
            rejects,
            plan.rejected,
            separator="," if dialect.separator == "auto" else dialect.separator,
            encoding="utf-8" if dialect.encodings[0] == "auto" else dialect.encodings[0],
        )
    return result


def _require_place(rejects: Path) -> None:
    """Refuse a file nobody could write before anything is stored, not after."""
    if rejects.is_dir() or not rejects.parent.is_dir():
        what = "it is a folder" if rejects.is_dir() else f"the folder {str(rejects.parent)!r} does not exist"
        raise InvalidInput(
            "rejects", str(rejects), what, "Name a file in a folder that is there.", code="file.no_folder"
        )


def _has_no_orders(engine: sa.Engine) -> bool:
    with reading(engine) as session:
        return session.scalar(sa.select(Order.id).limit(1)) is None


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Turn a document that someone else wrote meanwhile into one clear sentence."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(
            "import.conflict",
            f"The shop has something this import wanted to add, or it came meanwhile ({error.orig}).",
            "Nothing was written. Run the import again; if it stays, the numbers of two sources clash.",
        ) from error


def _silent(_what: str, _share: float) -> None:
    """Say nothing."""


def mapping_for(source: str, path: Path | None) -> Mapping:
    """Return the mapping of a source: its built-in one, or the file given with ``csv``."""
    if path is not None:
        return load_mapping(path)
    if source == "csv":
        raise InvalidInput(
            "mapping",
            "",
            "import csv needs a mapping that names the columns",
            "Write one from: ordersight import template --out my.toml, then add --mapping my.toml.",
            code="mapping.required",
        )
    if source not in BUILT_IN:
        raise NotFound("source", source, [*BUILT_IN, "csv"], f"Sources: {', '.join([*BUILT_IN, 'csv'])}.")
    return load_mapping(DATA / BUILT_IN[source])


def _packaged(source: str) -> Path:
    """Return the data that comes with the source, for a call without files."""
    if source != "online-retail":
        raise InvalidInput("files", "", "at least one file is needed", code="file.required")
    return DATA / "online_retail_ii_2009_2010.parquet"

"""One Spark session with the settings under which both engines answer alike."""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.spark import java
from oms_core.kernel.errors import DataNotReady, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyspark.sql import SparkSession

#: Environment variable that names the cluster; all cores of this machine when it is not set.
MASTER = "ORDERSIGHT_SPARK_MASTER"
HERE = "local[*]"

#: Instants without a zone, the session on UTC, whole numbers that never wrap round, nothing on disk but its own.
_ALIKE = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.shuffle.partitions": "8",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
_LOCAL = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


@contextmanager
def session(
    folder: Path, *, master: str | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[SparkSession]:
    """Open a session and stop it afterwards.

    Parameters
    ----------
    folder : Path
        For what Spark keeps while it runs; made when it is missing.
    master : str, optional
        Spark's address of the cluster; else ``ORDERSIGHT_SPARK_MASTER``, else the cores of this machine.
    settings : mapping, optional
        More of Spark's settings, over those here.

    Raises
    ------
    DataNotReady
        ``spark.not_installed`` without pyspark or SQLGlot, ``spark.no_java`` without Java 17 or newer.
    InvalidInput
        ``input.master`` when Spark does not understand the address or cannot reach it.
    """
    require()
    folder.mkdir(parents=True, exist_ok=True)
    address = master or os.environ.get(MASTER) or HERE
    is_local = address.startswith("local")
    os.environ["JAVA_HOME"] = str(java.home(folder))
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    if is_local:
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        os.environ.setdefault("SPARK_WORKER_DIR", str(folder / "work"))
    with quiet():
        opened = _opened(address, folder, _ALIKE | (_LOCAL if is_local else {}) | dict(settings or {}))
    try:
        yield opened
    finally:
        opened.stop()


def require() -> None:
    """Refuse in one sentence when the extra is not installed."""
    missing = [name for name in ("pyspark", "sqlglot") if find_spec(name) is None]
    if missing:
        raise DataNotReady(
            "spark.not_installed",
            f"The Spark engine needs {' and '.join(missing)}, which this installation does not have.",
            "Install the extra: pip install 'ordersight[spark]'",
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Spark's remarks about its own libraries from the reader; ours are all tested with these versions."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"pyspark.*")
        yield


def _opened(address: str, folder: Path, settings: dict[str, str]) -> SparkSession:
    from pyspark.sql import SparkSession

    log = f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties').as_uri()}"
    builder = SparkSession.builder.master(address).appName("ordersight")
    settings["spark.driver.extraJavaOptions"] = f"{log} {settings.get('spark.driver.extraJavaOptions', '')}".strip()
    builder = builder.config("spark.sql.warehouse.dir", str(folder / "warehouse"))
    builder = builder.config("spark.local.dir", str(folder / "scratch"))
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:  # Py4J raises its own for whatever the JVM says
        reason = next((line for line in str(error).splitlines() if "Exception:" in line), str(error))[:200]
        raise InvalidInput("master", address, f"Spark did not start there ({reason.strip()})") from error

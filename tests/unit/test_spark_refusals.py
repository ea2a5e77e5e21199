"""What the Spark engine refuses, each in one sentence with what to do."""

from __future__ import annotations

import pytest

from analytics.spark import dialect, java, session
from app.jobs.engines import answering, running
from oms_core.kernel.errors import DataNotReady, InvalidInput


def test_without_the_extra_the_sentence_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(session, "find_spec", lambda _name: None)
    with pytest.raises(DataNotReady) as refused, running("spark"):
        pass
    assert refused.value.code == "spark.not_installed"
    assert "ordersight[spark]" in refused.value.hint


def test_without_any_java_the_sentence_says_which_one_to_install(monkeypatch, tmp_path):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(java, "find_spec", lambda _name: None)
    with pytest.raises(DataNotReady) as refused:
        java.home(tmp_path)
    assert refused.value.code == "spark.no_java"
    assert "openjdk" in refused.value.hint


def test_an_old_java_is_passed_over(monkeypatch, tmp_path):
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_392\"' >&2\n")
    old.chmod(0o755)
    assert java.version(old) == 8
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    assert java.home(tmp_path / "own") != tmp_path


def test_engines_nobody_knows_are_refused_by_name():
    with pytest.raises(InvalidInput) as refused, answering(None, "flink"):
        pass
    assert refused.value.code == "input.engine"
    with pytest.raises(InvalidInput), running("duckdb"):
        pass


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        ("SELECT a FROM raw.orders AS o", "SELECT a FROM raw_orders AS o"),
        (
            "SELECT CAST((t AT TIME ZONE 'UTC') AT TIME ZONE z.zone AS DATE)",
            "SELECT CAST(CONVERT_TIMEZONE('UTC', z.zone, t) AS DATE)",
        ),
        (
            "SELECT date_diff('second', a, b)",
            "SELECT (UNIX_SECONDS(CAST(b AS TIMESTAMP_LTZ)) - UNIX_SECONDS(CAST(a AS TIMESTAMP_LTZ)))",
        ),
        ("SELECT 1.0 * a // b", "SELECT 1.0D * a DIV b"),
        ("SELECT x < $now", "SELECT x < CAST(:now AS TIMESTAMP_NTZ)"),
        (
            "SELECT UNNEST($a) AS x, UNNEST($b) AS y",
            "SELECT INLINE(ARRAYS_ZIP(:a, :b)) AS (x, y)",
        ),
    ],
)
def test_where_the_same_words_mean_other_things_the_tree_is_changed(duckdb, spark):
    assert dialect.translated(duckdb, frozenset({"now"})) == spark

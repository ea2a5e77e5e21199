"""The same questions on Spark: for data that outgrew one machine, or a cluster that is there already.

DuckDB hands the replica's tables over as Parquet (`hand_off`), the same SQL files are translated by SQLGlot
(`dialect`), and `engine.SparkEngine` answers `analytics.ask.ask` as a replica does. Needs the extra ``spark``.
"""

"""A simulated merchant whose truth is known: any size, streamed; see docs/simulated-shop.md."""

from app.demo.simulated.parquet import write_parquet
from app.demo.simulated.size import Size, Sizes
from app.demo.simulated.stream import trade

__all__ = ["Size", "Sizes", "trade", "write_parquet"]

"""What the server did, counted for Prometheus (text format 0.0.4)."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

#: Upper bounds of the time buckets, seconds.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass
class Counts:
    """Requests by method, path template and status, and how long they took."""

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    buckets: Counter[tuple[str, float]] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one request that was answered."""
        with self._lock:
            self.requests[method, path, status] += 1
            self.seconds[path] += seconds  # type: ignore[assignment]  # a Counter adds floats as well
            for bound in BOUNDS:
                if seconds <= bound:
                    self.buckets[path, bound] += 1

    def as_text(self) -> str:
        """Return the counts in the text format that Prometheus scrapes."""
        with self._lock:
            lines = [
                "# HELP ordersight_http_requests_total Requests answered.",
                "# TYPE ordersight_http_requests_total counter",
                *(
                    f'ordersight_http_requests_total{{method="{m}",path="{p}",status="{s}"}} {n}'
                    for (m, p, s), n in sorted(self.requests.items())
                ),
                "# HELP ordersight_http_request_seconds Time from request to answer.",
                "# TYPE ordersight_http_request_seconds histogram",
                *(line for path in sorted(self.seconds) for line in self._histogram(path)),
            ]
        return "\n".join(lines) + "\n"

    def _histogram(self, path: str) -> list[str]:
        name, count = "ordersight_http_request_seconds", sum(n for (_, p, _), n in self.requests.items() if p == path)
        return [
            *(f'{name}_bucket{{path="{path}",le="{bound:g}"}} {self.buckets[path, bound]}' for bound in BOUNDS),
            f'{name}_bucket{{path="{path}",le="+Inf"}} {count}',
            f'{name}_sum{{path="{path}"}} {self.seconds[path]:.6f}',
            f'{name}_count{{path="{path}"}} {count}',
        ]

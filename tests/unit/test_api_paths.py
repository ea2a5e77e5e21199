"""Which path of the reference a request is counted under."""

from __future__ import annotations

import pytest

from app.api.paths import Paths

PATHS = Paths(["/v1/orders/{number}", "/v1/orders/bulk", "/v1/orders/{number}/tags", "/metrics"])


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/v1/orders/OS-000001", "/v1/orders/{number}"),
        ("/v1/orders/bulk", "/v1/orders/bulk"),
        ("/v1/orders/OS-000001/tags", "/v1/orders/{number}/tags"),
        ("/metrics", "/metrics"),
        ("/v1/orders", "unmatched"),
        ("/v1/nothing/of/the/sort", "unmatched"),
        ("/", "unmatched"),
    ],
)
def test_a_request_is_counted_under_its_template(path: str, template: str) -> None:
    assert PATHS.named(path) == template

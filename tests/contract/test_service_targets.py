"""Service targets by class: the usual ones, what somebody set, and what is refused."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.planning.service import USUAL, services, set_service


def test_a_class_has_the_usual_service_until_somebody_says_another(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        assert set(services(session).values()) == {USUAL}
        set_service(session, abc="A", xyz="X", measure="fill", target=0.97, actor="jan")
        set_service(session, abc="A", xyz="X", measure="fill", target=0.98, actor="ewa")
    with transaction(engine) as session:
        found = services(session)
    assert found[("A", "X")] == ("fill", 0.98)
    assert found[("C", "Z")] == USUAL
    with transaction(engine) as session:
        for wrong in ({"abc": "U"}, {"xyz": "A"}, {"measure": "luck"}):
            with pytest.raises(NotFound):
                set_service(
                    session, **{"abc": "A", "xyz": "X", "measure": "fill", "target": 0.9, "actor": "x", **wrong}
                )
        with pytest.raises(InvalidInput, match="target"):
            set_service(session, abc="A", xyz="X", measure="cycle", target=1.0, actor="x")

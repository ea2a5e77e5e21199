"""Migrations go up and down on both databases, and equal the declared tables."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from oms_core import migrations
from oms_core.schema import METADATA, TRACKED


def test_down_to_nothing_and_up_again(engine: sa.Engine) -> None:
    migrations.downgrade(engine)
    left = set(sa.inspect(engine).get_table_names()) - {"alembic_version"}
    assert left == set()
    assert migrations.upgrade(engine) == migrations.head()
    assert set(METADATA.tables) <= set(sa.inspect(engine).get_table_names())


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")  # the change log's, read along with the others
def test_migrated_schema_equals_the_tables(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _parents: (kind, name) != ("table", "change_log")}
        )
        assert compare_metadata(context, METADATA) == []


def test_every_replicated_table_leaves_its_keys_in_the_log(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(METADATA.tables["channels"].insert().values(code="web", name="Web", kind="web", position=1))
        logged = connection.execute(sa.text("SELECT tbl, pk FROM change_log")).all()
    assert [tuple(row) for row in logged] == [("channels", 1)]
    assert "channels" in TRACKED

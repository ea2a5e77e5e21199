"""Laws of message templates: one version in force, and nothing kept was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.audit.law import Finding, Law, by_query
from oms_core.kernel.rows import table_of
from oms_core.marketing.template_tables import MessageTemplate
from oms_core.marketing.templates import Draft

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

TEMPLATE = table_of(MessageTemplate)


def _current() -> sa.Select[Any]:
    """Return templates with two versions in force, or with an older one in force."""
    current = sa.func.sum(sa.case((TEMPLATE.c.is_current, 1), else_=0)).label("current")
    in_force = sa.func.max(sa.case((TEMPLATE.c.is_current, TEMPLATE.c.version)))
    is_old = in_force < sa.func.max(TEMPLATE.c.version)
    return sa.select(TEMPLATE.c.name, current).group_by(TEMPLATE.c.name).having(sa.or_(current > 1, is_old))


def kept_as_written(session: Session) -> Finding:
    """Compare every version with the hash it was kept under: manifests name that hash."""
    fields = ("medium", "language", "body", "subject", "html")
    rows = session.execute(sa.select(TEMPLATE).order_by(TEMPLATE.c.id)).mappings().all()
    wrong = [row for row in rows if Draft(**{name: row[name] for name in fields}).sha256 != row["sha256"]]
    first = f"template {wrong[0]['name']!r} version {wrong[0]['version']} does not say what it said" if wrong else None
    return Finding(len(rows), len(wrong), first)


LAWS = (
    Law(
        "templates.one_current_version",
        "A message template has at most one version in force, and it is the newest.",
        by_query(
            sa.select(sa.func.count(TEMPLATE.c.name.distinct())),
            _current(),
            "template {name!r} has {current} version(s) in force, or an older one",
        ),
    ),
    Law(
        "templates.kept_as_written",
        "Every version of a template says what it said when it was kept.",
        kept_as_written,
    ),
)

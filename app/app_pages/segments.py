"""Segments: wiring."""

from app import blocks, data
from app.i18n import _
from app.views import segment_memory, segments

place = data.place()
with blocks.head(_("Segments"), _("Whom do I write to?")):
    if place.orders:
        segment_memory.list_button(segments.text_now)
        segments.save_button(segments.text_now)

if not blocks.no_data():
    with blocks.guard("segments"):
        segments.render(data.segment_shelf(), place)
    blocks.footer(sheet=segments.sheet(segments.text_now()), queries=segments.QUERIES)

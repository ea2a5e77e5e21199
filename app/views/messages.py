"""Messages: what is said to the members of a segment, as each of them will read it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import address, blocks, data, letters, sight
from app import format as fmt
from app.i18n import N_, _, language, ngettext
from app.jobs import messages as job
from app.tiles import Tile
from app.views import message_offers
from oms_core.kernel.errors import OmsError
from oms_core.marketing.templates import Draft
from segmentation.messages.fields import FIELDS, OFFER_FIELDS

if TYPE_CHECKING:
    from app.jobs.messages import Preview, Shown

QUERIES: tuple[str, ...] = ()
MEDIA = {"email": N_("E-mail"), "sms": N_("SMS")}
LANGUAGES = {"en": N_("English"), "pl": N_("Polish")}
WHYS = {
    "member": N_("Among the largest buyers"), "longest": N_("The longest message"),
    "emptiest": N_("The one least is known of"),
}  # fmt: skip
ADVICE = {
    "template.formula": N_("It begins with a sign a spreadsheet would run; an apostrophe will stand before it."),
    "template.letters": N_("Letters beyond the plain alphabet make it longer; {{ … | unaccented }} saves parts."),
    "template.long_subject": N_("Phones show about 60 signs of a subject."),
    "template.no_text": N_("Without plain text some readers see nothing."),
}
#: What Markdown would take for more than a letter.
_SIGNS, _ESCAPED = re.compile(r"([\\`*_{}\[\]()#+\-.!$:~|<>])"), r"\\\1"
NEW = ""
#: What a first template says.
FIRST = {
    "en": ("Something for {{ first_name | default('you') }}", "Hello{% if first_name %} {{ first_name }}{% endif %},"),
    "pl": ("Coś dla Ciebie", "Dzień dobry{% if called %}, {{ called }}{% endif %}!"),
}
_LOOP = """

{% for offer in offers %}
- {{ offer.title }}{% if offer.price %}, {{ offer.price }}{% endif %}
{% endfor %}"""


@dataclass(frozen=True, slots=True)
class MessagesView:
    """A preview, translated and formatted."""

    tiles: Sequence[Tile]
    warnings: Sequence[str]
    shown: Sequence[tuple[str, Shown]]


def build(found: Preview, medium: str) -> MessagesView:
    """Turn a preview into tiles, warnings and headed messages; pure."""
    share = fmt.percent(found.written / found.writable if found.writable else 0)
    tiles = [
        Tile(_("May be written to"), fmt.count(found.writable),
             _("of {n} members").format(n=fmt.count(found.members))),
        Tile(_("Message can be written"), fmt.count(found.written), _("{share} of them").format(share=share)),
    ]  # fmt: skip
    if medium == "sms":
        total = sum(parts * people for parts, people in found.sms_parts.items())
        longest = max(found.sms_parts, default=0)
        said = ngettext("at most {n} part each", "at most {n} parts each", longest).format(n=fmt.count(longest))
        tiles.append(Tile(_("Text messages charged"), fmt.count(total), said))
    lacking = [
        ngettext("{field} is not known of {n} person", "{field} is not known of {n} people", n).format(
            field=f"`{field}`", n=fmt.count(n)
        )
        for field, n in found.lacking.items()
    ]
    if lacking:
        lacking.append(_("Give what stands for it: {example}").format(example="`{{ city | default('…') }}`"))
    advice = [_(ADVICE[one["code"]]) for one in found.advice]
    heads = [(f"{_(WHYS[one.why])} · {one.number}", one) for one in found.shown]
    return MessagesView(tiles, [*lacking, *advice], heads)


def render() -> None:
    """Draw the editor at the left, what members read at the right, what they are offered below."""
    shelf = data.segment_shelf()
    labels = {one.name: one.label(language()) for one in shelf}
    left, right = st.columns([1, 1], gap="medium")
    with left:
        draft = _editor()
    with right:
        blocks.section(_("How will it read?"), _("Written to members who agreed to it, before anybody is held out"))
        with address.bound("messages_segment", "champions" if "champions" in labels else next(iter(labels)), labels):
            segment = st.selectbox(_("Segment"), list(labels), format_func=labels.__getitem__, key="messages_segment")
        with blocks.guard("preview"):
            _preview(draft, str(segment))
    message_offers.render(str(segment))


def _editor() -> Draft:
    blocks.section(_("What do we say?"), _("A changed template becomes a new version; exports keep the one they used"))
    known = {row["name"]: row for row in letters.kept()}
    chosen = str(
        st.selectbox(
            _("Template"), [NEW, *known], format_func=lambda name: name or _("A new one"), key="messages_template",
        )
    )  # fmt: skip
    words = known.get(chosen) or _first()
    with st.container(border=True, gap="small"):
        one, two, three = st.columns([1.4, 1, 1], gap="small")
        name = one.text_input(_("Name"), value=chosen, key=f"template_name_{chosen}", placeholder=_("spring_letter"))
        medium = two.selectbox(
            _("Sent by"), list(MEDIA), index=list(MEDIA).index(words["medium"]), format_func=lambda m: _(MEDIA[m]),
            key=f"template_medium_{chosen}",
        )  # fmt: skip
        spoken = three.selectbox(
            _("Language"), list(LANGUAGES), index=list(LANGUAGES).index(words["language"]),
            format_func=lambda code: _(LANGUAGES[code]), key=f"template_language_{chosen}",
        )  # fmt: skip
        plain = medium == "sms"
        subject = "" if plain else st.text_input(_("Subject"), value=words["subject"], key=f"template_subject_{chosen}")
        body = st.text_area(_("Text"), value=words["body"], height=190, key=f"template_body_{chosen}")
        html = "" if plain else _html(words["html"], chosen)
        draft = Draft(medium=str(medium), language=str(spoken), subject=subject, body=body, html=html)
        _foot(name.strip(), draft, words, chosen)
    return draft


def _html(words: str, chosen: str) -> str:
    with st.expander(_("The same as HTML")):
        return st.text_area(
            _("HTML"), value=words, height=150, key=f"template_html_{chosen}", label_visibility="collapsed"
        )


def _first() -> dict[str, Any]:
    subject, body = FIRST[language()]
    return {"medium": "email", "language": language(), "subject": subject, "body": body + _LOOP, "html": ""}


def _foot(name: str, draft: Draft, words: Mapping[str, Any], chosen: str) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        pressed = st.button(_("Save"), type="primary", icon=":material/check:", key="template_save", disabled=not name)
        with st.popover(_("Fields"), icon=":material/data_object:"):
            spoken = {name: field.meanings for name, field in FIELDS.items()}
            spoken |= {f"offer.{part}": meanings for part, meanings in OFFER_FIELDS.items()}
            st.markdown("\n".join(f"- `{field}` {said[language()]}" for field, said in spoken.items()))
        if chosen:
            made = fmt.day(words["created_at"], year=True)
            st.caption(_("Version {n} by {who}, {when}").format(n=words["version"], who=words["author"], when=made))
    if pressed:
        _save(name, draft)


def _save(name: str, draft: Draft) -> None:
    from app import actions

    try:
        kept = job.save(data.floor().workspace, name, draft, actor=actions.ACTOR)
    except OmsError as error:
        blocks.expected(error)
        return
    said = _("{name} is kept as version {n}").format(name=kept["name"], n=kept["version"])
    st.toast(said, icon=":material/check:")
    st.rerun()


def _preview(draft: Draft, segment: str) -> None:
    sight.require_personal()
    view = build(letters.preview(draft, segment), draft.medium)
    blocks.kpi_row(view.tiles, columns=len(view.tiles))
    for one in view.warnings:
        st.caption(f":orange[:material/lightbulb: {one}]")
    for head, shown in view.shown:
        with st.container(border=True, gap="xsmall"):
            st.caption(head)
            _message(shown)


def _message(one: Shown) -> None:
    if one.message is None:
        st.markdown(_("No message: {field} is not known.").format(field=f"`{one.lacking}`"))
        return
    if one.message.subject:
        st.markdown(f"**{_SIGNS.sub(_ESCAPED, one.message.subject)}**")
    st.text(one.message.text)
    if one.message.html:
        with st.expander(_("HTML")):
            st.html(one.message.html)

"""What every page has: the head, the shop's name, the way home, languages, and parts that pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.i18n import LANGUAGES, _
from app.portal.html import Html, element, joined
from app.portal.look import sheet
from app.portal.visit import ROOT

if TYPE_CHECKING:
    from app.portal.html import Child
    from app.portal.visit import Visit


def page(visit: Visit, title: str, *content: Child, fault: str = "") -> Html:
    """Return a whole page."""
    alarm = element("p", fault, cls="notice red", role="alert") if fault else None
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="robots", content="noindex"),
        element("title", f"{title} · {visit.shop.name}"),
        sheet(),
    )
    body = element("body", _top(visit), element("main", element("h1", title), alarm, content, id="main"), _foot(visit))
    return Html("<!doctype html>" + element("html", head, body, lang=visit.language))


def _top(visit: Visit) -> Html:
    home = visit.at() if visit.token else ROOT
    others = [
        element("a", name, href=f"{visit.path}?lang={code}", lang=code, hreflang=code)
        for code, name in LANGUAGES.items()
        if code != visit.language
    ]
    return element("header", element("a", visit.shop.name, href=home, cls="brand"), element("nav", others))


def _foot(visit: Visit) -> Html:
    said = [visit.shop.legal_name or visit.shop.name, *visit.shop.address.splitlines()]
    demo = element("p", _("This is a demo shop: nothing here is a real order.")) if visit.shop.kind == "demo" else None
    return element("footer", element("p", " · ".join(line for line in said if line)), demo)


def card(*content: Child, title: str = "", tone: str = "") -> Html:
    """Return a block with a border."""
    head = element("h2", title) if title else None
    return element("section", head, content, cls=f"card {tone}".strip())


def notice(text: Child, tone: str = "blue") -> Html:
    """Return a sentence that must not be missed."""
    return element("p", text, cls=f"notice {tone}")


def facts(pairs: dict[str, Child]) -> Html:
    """Return names and values; those without a value are left out."""
    rows = [(element("dt", name), element("dd", value)) for name, value in pairs.items() if value]
    return element("dl", rows)


def lines(address: str) -> Html:
    """Return an address line by line."""
    told = address.splitlines()
    return joined((line, element("br") if n < len(told) - 1 else None) for n, line in enumerate(told))


def button(label: str, *, name: str | None = None, value: str | None = None, quiet: bool = False) -> Html:
    """Return the button that sends a form."""
    return element("button", label, type_="submit", name=name, value=value, cls="quiet" if quiet else "primary")


def field(label: str, control: Html, *, hint: str = "") -> Html:
    """Return a control under its label."""
    told = element("span", hint, cls="hint") if hint else None
    return element("label", element("span", label, cls="name"), told, control)


def choice(name: str, options: dict[str, str], chosen: str = "", *, label: str | None = None) -> Html:
    """Return a list to choose from."""
    told = [element("option", text, value=value, selected=value == chosen) for value, text in options.items()]
    return element("select", told, name=name, aria_label=label)


def radios(legend: str, name: str, options: dict[str, tuple[str, str]], chosen: str) -> Html:
    """Return choices of which one holds, each with a line of what it means."""
    told = [
        element(
            "label",
            element("input", type_="radio", name=name, value=value, checked=value == chosen),
            element("span", element("b", text), element("span", more, cls="hint") if more else None),
            cls="radio",
        )
        for value, (text, more) in options.items()
    ]
    return element("fieldset", element("legend", legend), told)

"""Messages and Privacy: a template is written, read as members will, and sent; a person is given out and forgotten."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from hand_made_shop import NOW
from page_reader import Open, words
from shop_extras import give_consents
from streamlit.testing.v1 import AppTest

from app.jobs import nightly, offers, segments
from app.workspace import Workspace
from oms_core.marketing.learnt_offers import Learnt, keep
from segmentation.offers.scoring import Weights

SEGMENT = "number_of_orders >= 1"
EVERYBODY = "repeat_customers"


def press(at: AppTest, label: str) -> AppTest:
    return next(b for b in at.button if b.label.startswith(label)).click().run()


def pick(at: AppTest, key: str, value: object) -> AppTest:
    return next(box for box in at.selectbox if str(box.key).startswith(key)).set_value(value).run()


def field(at: AppTest, key: str) -> object:
    return next(one for one in (*at.text_input, *at.text_area) if str(one.key).startswith(key))


def test_from_a_template_to_a_file_with_a_message_for_each(own_shop: Open, tmp_path: Path) -> None:
    give_consents(tmp_path / "home")
    at = own_shop("messages", messages_segment=EVERYBODY)
    assert not at.exception
    assert "What would they be offered?" in words(at)
    field(at, "template_body").set_value("Hello {{ fist_name }}").run()  # type: ignore[attr-defined]
    assert "template.unknown_field" in str(at.error[0].value)
    field(at, "template_body").set_value("{{ name }}, try these:{% for o in offers %} {{ o.title }}{% endfor %}").run()  # type: ignore[attr-defined]
    assert not at.error
    assert "The longest message" in words(at)
    field(at, "template_name").set_value("spring").run()  # type: ignore[attr-defined]
    press(at, "Save")
    assert not at.error

    at = own_shop("segments", segment=SEGMENT)
    pick(at, "segment_template", "spring")
    pick(at, "segment_offers", 2)
    pick(at, "segment_holdout", 0.0)
    press(at, "Export")
    assert not at.exception
    made = at.session_state["segment_made"][1]
    header, first, *_ = made.content.decode("utf-8-sig").splitlines()
    assert header.endswith("recommended_1,recommended_1_sku,recommended_2,recommended_2_sku,subject,message")
    assert ", try these: " in first
    kept = made.manifest["personal"]["template"]
    assert (kept["name"], kept["version"], kept["language"], len(kept["sha256"])) == ("spring", 1, "en", 64)


def test_a_person_is_given_out_looked_up_and_forgotten(own_shop: Open) -> None:
    at = own_shop("privacy", privacy_person="C0001", lang="pl")
    assert not at.exception
    assert at.title[0].value == "Prywatność"
    press(at, "Zbierz wszystko")
    found = at.session_state["privacy_found"]
    assert found["number"] == "C0001"
    assert "Juniper Interiors" in json.dumps(found["tables"], default=str, ensure_ascii=False)
    at = own_shop("privacy", privacy_view="retention")
    next(n for n in at.number_input if n.key == "retention_answer_days").set_value(30).run()
    press(at, "Keep these rules")
    assert not at.error
    assert next(n for n in own_shop("privacy", privacy_view="retention").number_input).key is not None


def test_offers_are_named_as_customers_read_them_where_the_catalogue_shouts(own_shop: Open) -> None:
    del own_shop
    workspace = Workspace.open()
    with workspace.transaction() as session:
        session.execute(sa.text("UPDATE variants SET title = upper(title)"))
    workspace.replica.refresh()
    titles = offers.products(workspace).get_column("title").to_list()
    workspace.close()
    assert titles
    assert not [title for title in titles if title.isupper()]


def test_offers_are_weighed_as_was_learnt_at_night_for_a_week(own_shop: Open) -> None:
    del own_shop
    workspace = Workspace.open()
    workspace.replica.refresh()
    weights = Weights(half_life_days=77.0, together=0.7, popular=0.07, price=0.7)
    for days_ago, taken in ((8, None), (7, weights)):
        with workspace.transaction() as session:
            keep(session, Learnt(NOW.date() - timedelta(days=days_ago), asdict(weights), {}))
        night = offers.learnt_at_night(workspace, NOW.date())
        assert (Weights(**night.weights) if night else None) == taken
    assert offers.taste(workspace).weights == weights
    found = segments.evaluate(workspace, EVERYBODY)
    two = found.members.get_column("number").head(2)
    every, first = (offers.recommended(workspace, found, count=2, only=only) for only in (None, two))
    assert first.rows() == every.rows()[: first.height]
    assert 0 < first.height < every.height
    assert nightly.run_job(workspace, nightly.OFFERS, actor="test", judge=False)
    night = offers.learnt_at_night(workspace, NOW.date())
    assert night is not None
    assert Weights(**night.weights) != weights
    workspace.close()

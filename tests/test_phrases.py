"""Phrases are their Chinese text, remember their parts, and survive being kept as JSON."""

import json

from aidtracker.phrases import Phrase, packed, unpacked
from aidtracker.web.language import said

NESTED = Phrase("%(as_of)s共 %(n)s 人。", as_of=Phrase("数据截至 %(at)s。", at="2026-11-23 08:12"), n=3)


def test_a_phrase_is_its_chinese_text():
    assert NESTED == "数据截至 2026-11-23 08:12。共 3 人。"
    assert Phrase("7%") == "7%"
    assert type(str(NESTED)) is str


def test_a_phrase_comes_back_from_json():
    back = unpacked(json.loads(json.dumps(packed(NESTED))))
    assert (back, back.text, back.params["as_of"].text) == (NESTED, NESTED.text, "数据截至 %(at)s。")
    assert unpacked(packed("已完成。")) == "已完成。"


def test_a_page_says_a_phrase_with_its_parts_and_leaves_names_alone(app):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert said(NESTED) == "As of 2026-11-23 08:12. Pupils: 3."
        assert said(Phrase("%(place)s总览", place="双河镇")) == "双河镇 Overview"
        assert (said("合计"), said("扎西<b>"), said(""), said(None)) == ("Total", "扎西<b>", "", None)
    with app.test_request_context():
        assert said(NESTED) == NESTED

"""Fields take what people really type."""

import datetime

import pytest
from werkzeug.datastructures import MultiDict

from aidtracker.web.fields import DayField, Required, SegmentedField, TextField, parse_day
from aidtracker.web.forms import Form


class VisitForm(Form):
    mode = SegmentedField("方式", choices=[("home", "上门"), ("phone", "电话")], default="home")
    on = DayField("日期", [Required("请填写日期。")])
    met = TextField("见到了谁", [Required("请填写见到了谁，例如：母亲。")])
    number = TextField("号码", normal=True)


@pytest.fixture
def fill(site):
    def made(**data):
        with site.test_request_context(method="POST"):
            form = VisitForm(MultiDict(data), meta={"csrf": False})
            form.validate()
            return form

    return made


@pytest.mark.parametrize(
    "text",
    [
        "2012-03-05",
        "20120305",
        "2012.3.5",
        "2012/3/5",
        "2012年3月5日",
        "2012年03月05",
        " 2012-3-5 ",
        "２０１２．３．５",
        "2012 年 3 月 5 日",
    ],
)
def test_a_day_is_read_however_it_is_written(text):
    assert parse_day(text) == datetime.date(2012, 3, 5)


@pytest.mark.parametrize("text", ["2012-13-05", "2012-02-30", "12-3-5", "今天", "2012-03", "201203050", "2012-3-5-1", "0000-01-01"])
def test_what_is_no_day_is_none(text):
    assert parse_day(text) is None


def test_a_day_that_does_not_exist_is_refused_with_an_example_and_what_was_typed_stays(fill):
    form = fill(on="2012-02-30", met="母亲")
    assert form.on.errors == ["请填写真实的日期，例如：2012-03-05。"]
    assert form.on._value() == "2012-02-30"


def test_required_says_what_to_fill_in_and_spaces_are_nothing(fill):
    form = fill(on="2012-02-03", met="  ")
    assert form.met.errors == ["请填写见到了谁，例如：母亲。"]


def test_text_loses_spaces_around_it_and_control_characters_but_keeps_rare_ones(fill):
    form = fill(on="2012-02-03", met=" 𬎆\x00母亲\u3000\n", number=" １２ａ ")
    assert form.met.data == "𬎆母亲"
    assert form.number.data == "12a"
    assert form.validate


def test_a_choice_that_was_not_offered_is_refused_in_chinese(fill):
    form = fill(on="2012-02-03", met="母亲", mode="drone")
    assert form.mode.errors
    assert not any(letter.isascii() and letter.isalpha() for letter in form.mode.errors[0])

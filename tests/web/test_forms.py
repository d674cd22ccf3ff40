"""What every form on a page has in common."""

import re
from uuid import UUID

import pytest
from flask import redirect, render_template_string
from wtforms import BooleanField, FileField, SelectField, TextAreaField

from aidtracker.errors import Refused
from aidtracker.permissions import public
from aidtracker.web.fields import DayField, Required, SegmentedField, TextField
from aidtracker.web.forms import Form

PAGE = """{% extends "layout.html" %}
{% from "macros/forms.html" import error_summary, form_open, render_field, post_button %}
{% block title %}记家访{% endblock %}
{% block content %}{{ error_summary(form) }}{{ form_open(form) }}
{% for field in form if field.widget.input_type != 'hidden' %}{{ render_field(field, hint='提示') }}{% endfor %}
<button type="submit">保存</button></form>{{ post_button('/x', '撤销') }}{% endblock %}"""


class VisitForm(Form):
    mode = SegmentedField("方式", [Required("请选择方式。")], choices=[("home", "上门"), ("phone", "电话")])
    on = DayField("日期", [Required("请填写日期。")])
    met = TextField("见到了谁")
    note = TextAreaField("情况说明")
    result = SelectField("结果", choices=[("a", "同意返校")])
    agreed = BooleanField("家长同意")
    photo = FileField("照片")


@pytest.fixture
def visit(site, visitor):
    """POST to a page with the form; what the form holds when it is good is refused if met is 谁."""

    @site.route("/visit", methods=["GET", "POST"])
    @public
    def show():
        form = VisitForm()
        if form.submitted():
            try:
                if form.met.data == "谁":
                    raise Refused("%(name)s不在名单里。", name="<b>谁</b>")
                return redirect("/done")
            except Refused as refused:
                form.refuse(refused)
        return render_template_string(PAGE, form=form)

    def send(**data):
        page = visitor.get("/visit").text
        hidden = {name: re.search(f'name="{name}" value="([^"]+)"', page)[1] for name in ("csrf_token", "key")}
        return visitor.post("/visit", data={**hidden, **data})

    return send


def test_the_page_holds_token_and_key_once_in_each_form_and_labels_for_every_control(visit, visitor):
    page = visitor.get("/visit").text
    form = re.search(r'<form method="post"[^>]*multipart.*?</form>', page, re.S)[0]
    assert form.count('name="csrf_token"') == form.count('name="key"') == 1
    assert UUID(re.search(r'name="key" value="([^"]+)"', form)[1])
    for control in re.findall(r'<(?:input|select|textarea)[^>]*id="([^"]+)"', form):
        assert f'for="{control}"' in form or f'id="{control}"' in "".join(re.findall(r"<label[^>]*>.*?</label>", form, re.S))
    for form in re.findall(r'<form method="post".*?</form>', page, re.S):
        assert 'name="csrf_token"' in form


def test_each_page_has_a_key_of_its_own(visit, visitor):
    keys = {re.search(r'name="key" value="([^"]+)"', visitor.get("/visit").text)[1] for _ in range(3)}
    assert len(keys) == 3


def test_errors_stand_on_top_with_links_and_at_the_field_and_nothing_typed_is_lost(visit):
    page = visit(met="母亲", note="老师来过", result="a").text
    assert "<title>有错误：记家访" in page
    assert '<a href="#mode-0">' in page
    assert '<a href="#on">请填写日期。</a>' in page
    assert 'id="on-error"' in page
    assert re.search(
        r'<input[^>]*aria-describedby="on-hint on-error"[^>]*aria-invalid="true"|<input[^>]*aria-invalid="true"[^>]*on-error', page
    )
    assert 'value="母亲"' in page
    assert "老师来过" in page


def test_a_refusal_stands_above_the_form_in_its_own_words_and_escaped(visit):
    page = visit(mode="home", on="2026-11-20", met="谁", result="a").text
    summary = re.search(r'<div class="errors".*?</div>', page, re.S)[0]
    assert "&lt;b&gt;谁&lt;/b&gt;不在名单里。" in summary
    assert 'value="谁"' in page


def test_a_good_form_is_done(visit):
    assert visit(mode="home", on="2026-11-20", met="母亲", result="a").location == "/done"


def test_a_key_that_is_none_is_refused_and_not_linked(visit, site):
    with site.test_request_context("/visit", method="POST", data={"key": "x'--"}):
        form = VisitForm(meta={"csrf": False})
        assert not form.submitted()
        assert None in [target for target, _message in form.errors_list()]


def test_without_a_token_nothing_is_saved_and_the_page_says_so(visitor, visit):
    answer = visitor.post("/visit", data={"met": "母亲"})
    assert answer.status_code == 400
    assert "页面停留太久" in answer.text
    assert "没有保存" in answer.text

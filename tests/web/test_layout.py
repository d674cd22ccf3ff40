"""The shell of a page."""

import re

from flask import flash, render_template_string

from aidtracker.permissions import public


def test_a_page_has_language_title_one_h1_a_skip_link_and_a_main_part(visitor):
    page = visitor.get("/").text
    assert '<html lang="zh-CN">' in page
    assert "<title>样张 · " in page
    assert page.count("<h1") == 1
    assert '<a class="skip" href="#main">' in page
    assert 'id="main"' in page


def test_news_stands_in_a_status_region_and_is_escaped(site, visitor):
    @public
    def show():
        flash("✓ 已提交 <b>08:12</b>", "ok")
        return render_template_string('{% extends "layout.html" %}{% block title %}样张{% endblock %}')

    site.add_url_rule("/news", "news", show)
    page = visitor.get("/news").text
    assert re.search(r'role="status">\s*<p class="note n-ok">✓ 已提交 &lt;b&gt;08:12&lt;/b&gt;</p>', page)


def test_banners_stand_above_every_page(site, visitor):
    site.context_processor(lambda: {"banners": [("warn", "演示数据")]})
    assert '<p class="banner b-warn">演示数据</p>' in visitor.get("/").text


def test_the_footer_switches_the_language_by_a_form_with_a_token(visitor):
    form = re.search(r'<form method="post" action="/language">.*?</form>', visitor.get("/?q=%E5%BC%A0").text)[0]
    assert 'name="csrf_token"' in form
    assert 'name="language" value="en"' in form
    assert 'name="next" value="/?q=%E5%BC%A0"' in form


def test_sign_out_is_a_form_too(visitor):
    assert re.search(r'<form method="post" action="/sign-out" data-leave><input type="hidden" name="csrf_token"', visitor.get("/").text)

"""Charts are readable without colour, without a mouse and without seeing them."""

from xml.etree import ElementTree

import pytest

from aidtracker.charts import Bar, Stack, bars, line, stacked

SVG = "{http://www.w3.org/2000/svg}"
LINE = line([("09-01", 98.5), ("09-02", None), ("09-03", 95.68)], title="出勤率趋势", desc="最低 95.68%", target=98)
BARS = bars([Bar("大坪乡", 22, "/orgs/3?a=1&b=2", "bad"), Bar("新民镇", 0)], title="在办个案", unit="件")
STACKED = stacked([Stack("城关镇", [30, 9, 7], "/orgs/1")], series=[("已结案", "ok"), ("在办", "pri"), ("超期", "bad")], title="个案状态")


def parsed(chart):
    return ElementTree.fromstring(chart)  # noqa: S314 our own output


def words(chart):
    return [part.text or "" for part in parsed(chart).iter() if part.tag in ("text", "title", "desc")]


@pytest.mark.parametrize("chart", [LINE, BARS, STACKED])
def test_a_chart_has_title_and_description_and_no_style(chart):
    drawn = parsed(chart)
    named, told = drawn.get("aria-labelledby"), drawn.get("aria-describedby")
    assert drawn.find(f".//title[@id='{named}']").text
    assert drawn.find(f".//desc[@id='{told}']").text
    assert drawn.get("viewBox").startswith("0 0 360 ")
    assert "style=" not in chart
    assert "NaN" not in chart


def test_the_numbers_stand_in_the_chart():
    assert {"09-01 98.5%", "09-03 95.68%", "目标 98%"} <= set(words(LINE))
    assert {"22件", "0件"} <= set(words(BARS))
    assert {"城关镇 超期 7", "46"} <= set(words(STACKED))


def test_a_gap_in_the_line_is_a_gap():
    trend = next(path.get("d") for path in parsed(LINE).iter("path") if path.get("class") == "trend")
    assert trend.count("M") == 2


def test_bars_lead_to_what_they_count():
    assert [link.get("href") for link in parsed(BARS).iter("a")] == ["/orgs/3?a=1&b=2"]
    assert [link.get("href") for link in parsed(STACKED).iter("a")] == ["/orgs/1"]


def test_what_is_bad_is_hatched():
    pattern = next(parsed(STACKED).iter("pattern")).get("id")
    assert STACKED.count(f'fill="url(#{pattern})"') == 2  # in the legend and in the bar


def test_names_are_escaped_and_long_ones_are_whole_in_the_tooltip():
    chart = bars([Bar("<script>alert(1)</script>", 1), Bar("云岭县第二民族寄宿制完全小学", 2)], title='"><script>')
    assert "<script" not in chart
    assert "云岭县第二民族寄宿制完全小学" in words(chart)


def test_after_ten_bars_comes_the_rest():
    chart = bars([Bar(f"第{number}乡", number) for number in range(1, 14)], title="多")
    assert "其余" in words(chart)
    assert "36" in words(chart)  # 11 + 12 + 13


@pytest.mark.parametrize("values", [[0], [5, 5, 5], [0, 0.001], [99.9, 100], [0, 1_000_000_000], [-3, 4]])
def test_any_values_fit_the_paper(values):
    drawn = parsed(line([(str(value), value) for value in values], title="样"))
    height = float(drawn.get("viewBox").split()[3])
    for dot in drawn.iter("circle"):
        assert 0 <= float(dot.get("cx")) <= 360
        assert 0 <= float(dot.get("cy")) <= height


def test_nothing_to_draw_is_no_error():
    assert line([("09-01", None)], title="空") == ""
    assert parsed(bars([], title="空")).tag == "svg"
    assert parsed(stacked([], series=[("在办", "pri")], title="空")).tag == "svg"


def test_charts_of_one_page_have_ids_of_their_own():
    ids = [part.get("id") for chart in (LINE, BARS, STACKED) for part in parsed(chart).iter() if part.get("id")]
    assert len(ids) == len(set(ids))

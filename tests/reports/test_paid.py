"""The aid report against published tables: 金寨 2021 to the yuan, 新密 2025 by program, and totals with half yuan."""

import datetime
import json
from decimal import Decimal

import openpyxl
import pytest

from aidtracker.aid.wan import plain_wan, wan_of, wan_text, yuan_of
from aidtracker.errors import Refused
from aidtracker.excel.tables import shown
from aidtracker.reports import paid
from aidtracker.reports.options import GROUP, TERM, read_options
from aidtracker.reports.registry import figures
from tests import factories
from tests.reports.payments import PUBLISHED, XINMI, make_batch, make_payments, make_pupils, pay_as_published, pay_as_xinmi
from tests.reports.payments import TERM as SPRING


def told(user, *, term=SPRING, group="home", **place):
    return figures(user, "aid", term=term, group=group, **place)


@pytest.fixture
def published(app):
    """The county of the published table, with an officer."""
    city = factories.make_org("city", "九七市", code="9904")
    county = factories.make_org("county", "金寨县", city, "990400")
    names = [name for name in PUBLISHED if name != "外县"]
    townships = {name: factories.make_org("township", name, county, f"9904001{n:02}") for n, name in enumerate(names)}
    factories.make_org("township", "流波䃥镇", county, "990400199")
    school = factories.make_school(townships["梅山镇"], "梅山镇中心小学")
    pay_as_published(county, school, townships)
    user = factories.make_user("bureau_staff", county, username="publisher")
    return user, townships


def test_the_published_table_comes_out_to_the_yuan(published):
    user, townships = published
    said = told(user)
    assert (said["persons"], said["person_times"], said["amount_fen"], said["amount_wan"]) == (11302, 11302, 443187500, "443.1875")
    assert {row["name"] for row in said["rows"]} == set(PUBLISHED), "25 rows, as published"
    assert said["homes_without"] == ["流波䃥镇"]
    assert said["columns"] == ["小学走读", "小学寄宿", "初中走读", "初中寄宿"]
    assert len(PUBLISHED) == 25
    for name, (*counts, yuan) in PUBLISHED.items():
        code = townships[name].code if name in townships else "外县"
        wanted = {"amount_fen": int(Decimal(yuan) * 100), "counts": counts, "persons": sum(counts)}
        assert said["by_home_township"][code] == wanted, name
    json.dumps(said)


def test_page_and_workbook_are_the_published_table(published, sign_in, app, tmp_path):
    user, _ = published
    page = sign_in(user).get("reports.show_report", name="aid", term=SPRING).text
    assert "金寨县2021年春季学期义务教育家庭经济困难学生生活补助发放情况统计表" in page
    assert "没有学生受助的乡镇：流波䃥镇。" in page
    assert 'colspan="3">小学' in page.replace("\n", "") and "金额（万元）" in page
    out = tmp_path / "aid.xlsx"
    words = ["report", "aid", "--term", SPRING, "--as", user.username, "--format", "xlsx", "--out", str(out)]
    assert app.test_cli_runner().invoke(args=words).exit_code == 0
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["发放情况", "按项目"]
    rows = {row[0]: row for row in book.active.iter_rows(values_only=True)}
    for name, (*counts, yuan) in PUBLISHED.items():
        a, b, c, d = counts
        wanted = [a, b, a + b, c, d, c + d, sum(counts), float(yuan), float(Decimal(yuan) / 10000)]
        assert list(rows[name][1:10]) == wanted, name
        assert shown(Decimal(yuan), "decimal") in page and shown(Decimal(yuan) / 10000, "wan") in page
    assert list(rows["合计"][1:10]) == [5544, 858, 6402, 1426, 3474, 4900, 11302, 4431875, 443.1875]


def test_xinmis_programs_come_out_as_published(county, officer, sign_in):
    pay_as_xinmi(county.county, county.school)
    said = told(officer, term="2025-autumn")
    assert (said["person_times"], said["amount_wan"]) == (16350, "1271.2015")
    by_name = {each["name"]: (each["times"], plain_wan(each["fen"])) for each in said["programs"]}
    wanted: dict = {}
    for name, _stage, parts, times, wan in XINMI:
        assert (sum(count for count, _ in parts), Decimal(sum(count * fen for count, fen in parts))) == (times, Decimal(wan).scaleb(6))
        before = wanted.get(name, (0, Decimal(0)))
        wanted[name] = (before[0] + times, before[1] + Decimal(wan))
    assert by_name == {name: (times, f"{wan:f}".rstrip("0").rstrip(".")) for name, (times, wan) in wanted.items()}
    assert by_name["义务教育生活补助"] == (7074, "430.8875")
    page = sign_in(officer).get("reports.show_report", name="aid", term="2025-autumn").text
    for text in ("16,350", "1,271.2015", "430.8875", "7,074", "11.064", "学前", "高中", "中职"):
        assert text in page, text


def test_further_stages_get_columns_of_their_own_after_the_four(county, officer):
    batch = make_batch(county.county)
    make_payments(batch, county.school, make_pupils(county.county, 2), "vocational", True)
    make_payments(batch, county.school, make_pupils(county.county, 3), "preschool")
    said = told(officer)
    assert said["columns"][:4] == ["小学走读", "小学寄宿", "初中走读", "初中寄宿"]
    assert said["columns"][4:] == ["学前走读", "学前寄宿", "中职走读", "中职寄宿"]
    assert said["total"]["counts"] == [0, 0, 0, 0, 3, 0, 0, 2]
    first, second = paid.tables(said)
    assert [len(row) for row in first.rows] == [len(first.columns)] * len(said["rows"]) and len(first.totals) == len(first.columns)


@pytest.mark.parametrize(
    ("fen", "wan"),
    [(794978750, "794.97875"), (521670000, "521.67"), (10001484000, "10,001.484"), (804000000, "804.00"), (8020635500, "8,020.6355"), (1, "0.000001"), (0, "0.00")],
)
def test_totals_lose_nothing_in_wan(fen, wan):
    assert wan_text(fen) == shown(wan_of(fen), "wan") == wan
    assert Decimal(plain_wan(fen)) * 1000000 == fen and yuan_of(fen) * 100 == fen
    assert plain_wan(804000000) == "804" and plain_wan(0) == "0"


def test_persons_are_distinct_and_person_times_are_not(county, officer):
    pupils = make_pupils(county.county, 3, county.village)
    make_payments(make_batch(county.county), county.school, pupils)
    make_payments(make_batch(county.county, name="02"), county.school, pupils[:2], is_boarding=True, fen=50)
    make_payments(make_batch(county.county, "县级补助"), county.school, pupils[:1], fen=1)
    said = told(officer)
    assert (said["persons"], said["person_times"], said["amount_fen"]) == (3, 6, 75101)
    assert said["by_home_township"][county.township.code] == {"amount_fen": 75101, "counts": [3, 2, 0, 0], "persons": 3}
    assert said["total"]["by_stage"] == [3, 0]
    assert [(each["name"], each["persons"], each["times"]) for each in said["programs"]] == [("生活补助", 3, 5), ("县级补助", 1, 1)]
    assert "学生资助发放情况" in paid.title_of(said)


def test_what_came_back_or_waits_is_not_counted_and_what_was_not_paid_again_is_told(county, officer):
    pupils, batch = make_pupils(county.county, 4, county.village), make_batch(county.county)
    make_payments(batch, county.school, pupils[:1])
    make_payments(batch, county.school, pupils[1:3], status="returned")
    make_payments(batch, county.school, pupils[3:], status="pending")
    make_payments(make_batch(county.county, name="补发"), county.school, pupils[1:2])
    said = told(officer)
    assert (said["persons"], said["person_times"]) == (2, 2)
    assert said["returned"] == {"persons": 1, "times": 1, "fen": 25000}


def test_a_home_outside_and_one_that_names_only_the_county_have_lines_of_their_own(county, officer):
    batch = make_batch(county.county)
    make_payments(batch, county.school, make_pupils(county.county, 2))
    make_payments(batch, county.school, make_pupils(county.county, 1, county.county))
    make_payments(batch, county.school, make_pupils(county.county, 4, county.village))
    said = told(officer)
    assert {row["name"]: row["persons"] for row in said["rows"]} == {"双河镇": 4, "外县": 2, "本县，乡镇不详": 1}
    assert said["persons"] == sum(row["persons"] for row in said["rows"])


def test_by_school_a_pupil_of_two_townships_counts_once_in_the_total(county, officer):
    pupils = make_pupils(county.county, 2, county.village)
    make_payments(make_batch(county.county), county.school, pupils)
    make_payments(make_batch(county.county, "县级补助"), county.other_school, pupils[:1], fen=100)
    said = told(officer, group="school")
    assert {row["name"]: (row["persons"], row["amount_fen"]) for row in said["rows"]} == {"双河镇": (2, 50000), "石门乡": (1, 100)}
    assert said["total"]["persons"] == 2
    assert said["amount_fen_by_school_township"] == {county.township.code: 50000, county.other_township.code: 100}


def test_a_township_sees_its_schools_and_a_school_its_grades(county, coordinator, school_admin):
    pupils, batch = make_pupils(county.county, 5, county.village), make_batch(county.county)
    make_payments(batch, county.school, pupils[:3], grade="一年级")
    make_payments(batch, county.school, pupils[3:4], grade="二年级")
    make_payments(batch, county.other_school, pupils[4:])  # at home here, at school elsewhere
    township, school = told(coordinator), told(school_admin)
    assert [(row["name"], row["persons"]) for row in township["rows"]] == [("双河镇中心小学", 4)]
    assert [(row["name"], row["persons"]) for row in school["rows"]] == [("一年级", 3), ("二年级", 1)]
    assert township["persons"] == school["persons"] == 4 and list(township["amount_fen_by_school_township"]) == [county.township.code]


def test_another_county_and_another_term_are_not_counted(county, officer):
    make_payments(make_batch(county.other_county), county.far_school, make_pupils(county.other_county, 3))
    make_payments(make_batch(county.county, term="2020-autumn"), county.school, make_pupils(county.county, 2))
    assert told(officer)["persons"] == 0 and told(officer)["rows"] == []
    assert told(officer, term="2020-autumn")["persons"] == 2


def test_the_page_offers_the_terms_that_have_batches_and_the_present_one(county, officer, sign_in):
    make_batch(county.county)
    client = sign_in(officer)
    page = client.get("reports.show_report", name="aid").text
    assert f'value="{SPRING}"' in page and "这个学期还没有到账的资助" in page and "户籍乡镇" in page
    assert "写成 2021-spring" in client.get("reports.show_report", 400, name="aid", term="2021").text
    client.get("reports.show_report", 400, name="aid", group="class")


def test_a_program_leads_to_its_batches_for_whoever_may_see_payments(county, officer, sign_in):
    batch = make_batch(county.county)
    make_payments(batch, county.school, make_pupils(county.county, 1))
    link = f"/aid/?term={SPRING}&amp;program={batch.program_id}"
    assert link in sign_in(officer).get("reports.show_report", name="aid", term=SPRING).text
    finance = factories.make_user("finance", county.county)
    assert link not in sign_in(finance).get("reports.show_report", name="aid", term=SPRING).text


def test_the_term_is_the_present_one_unless_said():
    today = datetime.date(2026, 11, 25)
    assert read_options((TERM, GROUP), {}, today) == {"term": "2026-autumn", "group": "home"}
    for text in ("2026", "autumn-2026", "2026-summer", "1800-spring"):
        with pytest.raises(Refused):
            read_options((TERM,), {"term": text}, today)

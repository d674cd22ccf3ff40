"""A school's roster as schools fill it in: every kind of slip once, and what must become of the row."""

import datetime

import openpyxl

from tests.golden.made_county import id_number

HEADINGS = ["序号", "学校标识码 ★", "姓名★", "性 别★", "出生日期★", "身份证件类型★", "身份证件号", "学籍号", "年级★", "班级★", "备注(校内)"]
BORN = datetime.date(2012, 3, 5)
ACCEPTED = ("accepted", "", "")


def full_width(text):
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)


def write_messy_roster(path, school) -> dict[int, tuple]:
    """{row in the spreadsheet: (level, code, column)}."""
    rows, verdicts = [], {}

    def add(verdict, sequence, **changes):
        id_ = id_number(BORN, sequence)
        values = {
            "学校标识码 ★": school, "姓名★": f"学生{sequence}", "性 别★": "男" if sequence % 2 else "女", "出生日期★": BORN,
            "身份证件类型★": "居民身份证", "身份证件号": id_, "学籍号": f"G{id_}", "年级★": "三年级", "班级★": "1班",
        }  # fmt: skip
        values.update({heading: changes[key] for key, heading in KEYS.items() if key in changes})
        rows.append([len(rows) + 1, *(values.get(heading) for heading in HEADINGS[1:])])
        verdicts[len(rows) + 3] = verdict

    refused, warned = "refused", "warned"
    add(ACCEPTED, 1)
    add((refused, "duplicate_in_file", "身份证件号"), 1)
    for sequence, style in enumerate(("20120305", "2012.3.5", "2012年3月5日", "2012-03-05", "2012/3/5", 20120305, 40973), 3):
        add(ACCEPTED, sequence, born=style)
    add((refused, "bad_date", "出生日期"), 20, born="二〇一二年")
    add((refused, "bad_date", "出生日期"), 21, born="20121332")
    add((refused, "bad_choice", "性别"), 22, sex="未知道")
    add((refused, "id_truncated", "身份证件号"), 23, id=9.90101201203051e17)
    add((refused, "id_truncated", "身份证件号"), 24, id="9.90101E+17")
    add((refused, "bad_id", "身份证件号"), 25, id="12345")
    add((refused, "missing", "年级"), 26, grade=None)
    add((refused, "missing", "姓名"), 27, name=None)
    add((refused, "unknown_school", "学校标识码"), 28, school="2199999999")
    add((warned, "id_checksum", "身份证件号"), 29, id=wrong_check_digit(29))
    add((warned, "sex_mismatch", "性别"), 30, sex="男")
    add((warned, "birth_mismatch", "出生日期"), 31, born="2012-03-06")
    add(ACCEPTED, 32, id=full_width(id_number(BORN, 32)))
    add(ACCEPTED, 33, id=f" {id_number(BORN, 33)}\u3000")
    add(ACCEPTED, 34, grade="3年级", number="（1）班")
    add(ACCEPTED, 35, school=int(school))
    add(ACCEPTED, 36, kind="其他", id=None, number_of_student="J990101201203050361")
    add(ACCEPTED, 37, name="阿依古丽·买买提")
    add(ACCEPTED, 38, name="张䶮")
    add(ACCEPTED, 39, name="  赵 安  ")
    add(ACCEPTED, sequence_with_x(), id=id_number(BORN, sequence_with_x()).lower())
    rows.insert(6, [None] * len(HEADINGS))
    verdicts = {row + (row > 9): verdict for row, verdict in verdicts.items()}
    save(path, rows)
    return verdicts


KEYS = {"school": "学校标识码 ★", "name": "姓名★", "sex": "性 别★", "born": "出生日期★", "kind": "身份证件类型★"}
KEYS |= {"id": "身份证件号", "number_of_student": "学籍号", "grade": "年级★", "number": "班级★"}


def wrong_check_digit(sequence):
    right = id_number(BORN, sequence)
    return right[:17] + ("0" if right[17] != "0" else "1")


def sequence_with_x():
    return next(n for n in range(41, 99) if id_number(BORN, n).endswith("X"))


def save(path, rows):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["学生基本信息表(学校自填)"], ["填报单位:"], HEADINGS, *rows, [None], ["填表人:", None, None, "审核人:"]):
        sheet.append(row)
    book.create_sheet("填表说明").append(["请勿修改表头"])
    book.save(path)

"""What the fields and queries of the site's forms and links name: a sample to send, a choice, or the kind of thing pointed to."""

import base64
import datetime

from aidtracker.cases.models import REASONS
from aidtracker.db import today_in_china
from tests.attachments.pictures import file_of, scene
from tests.factories import PASSWORD

PHOTO = file_of(scene((200, 150)))
DRAWN = "data:image/png;base64," + base64.b64encode(file_of(scene((200, 150), seed=2), "PNG")).decode()  # as photos.js writes a signature down

# What the forms and links of the site may name, by field: a sample to send, or the kind of thing that it points to.
SAMPLES = {
    "csrf_token": None, "key": None, "file": None, "next": "/", "language": "en", "username": "new.person", "name": "新名字",
    "one": "AID", "other": "AID", "old": PASSWORD, "new": "Sunny-hills-2027", "again": "Sunny-hills-2027", "password": "Sunny-hills-2027",
    "text": "AT1.nobody.content.seal", "reason": "家长已说明情况", "words": "核对", "detail": "肢体", "source": "残疾证", "base_revision": "0", "revision": "1", "seat": "7",
    "born_on": "2017-05-04", "starts_on": "2026-11-02", "left_on": "2026-11-02", "ends_on": "2026-11-02", "sex": "F", "mode": "day",
    "id_number": "", "student_number": "", "phone": "13700990077", "address": "新巷", "home_code": "", "entered_on": "202309",
    "ethnicity": "汉族", "is_guardian": "y", "minutes": "30", "teachers": "张老师", "person_met": "次仁", "at_home": "表现良好", "views": "满意",
    "agreed": "继续关注", "follow_up_on": "", "lessons": "2", "subject": "语文", "teacher": "张老师", "second_teacher": "", "signed_by": "次仁",
    "photo": "", "is_agreed": "y", "signature": "", "form": "on_site", "purposes": "routine", "met": "self", "place": "home",
    "hardship": "农村低保", "standard": "625", "amount": "312.50", "bank_name": "农村商业银行",
    "card_number": "", "holder_name": "新名字", "holder_relation": "父亲", "paid_on": "2026-11-02", "return_reason": "", "program_name": "",
    "last_day": "2999-01-04", "token": "", "code": "ABCDE-FGHJK", "recovery": "", "dated": "2026-11-01", "absent_from": "2026-11-02", "found_on": "2026-11-02", "due_on": "2999-01-04",
    "next_on": "2999-01-04", "people": "张老师", "conclusion": "证明已存档", "closed_on": "2026-11-02",
    "first_on": (today_in_china() + datetime.timedelta(days=9)).isoformat(), "days_in": "10", "days_off": "4",
    "last_on": (today_in_china() + datetime.timedelta(days=20)).isoformat(),
    "look": "no", "note": "已联系",  "expected_on": "", "sessions": "morning", "has_custody": "y", "lives_with": "y", "holds_card": "", "why_words": "核对", "head_name": "次仁", "kept_revision": "1", "dropped_revision": "1",
    "first_session": "early", "last_session": "night", "applicant": "母亲", "is_proved": "y", "symptoms": "fever", "onset_on": "", "measures": "已报疾控", "reported_on": "",
    "back_on": today_in_china().isoformat(), "back_session": "morning", "clearance": "",
    "planned_on": (today_in_china() + datetime.timedelta(days=9)).isoformat(), "is_taken_back": "", "makes_up_on": "", "schedule": "每周三下午", "assessed": "肢体二级",
    "goals": "能认读常用字", "result": "认了几个", "consent_on": "2026-11-02", "consent_by": "次仁", "ended_on": today_in_china().isoformat(),
    "paper": "", "paper_code": "ABCD-2345", "starts_at": "09:05",
    "until_on": "2999-01-04", "on_day": "2026-11-02", "document": "证明", "leaves_on": "2026-11-20", "arrived_on": "2026-11-21", "number": "", "post": "班主任",
    "title": "责令改正通知书", "series": "责改字", "days": "5", "body": "{监护人}：请送{学生}返校。", "addressee": "次仁", "receiver": "卓玛", "servers": "王支书", "witness": "李会计",
    "people_gov": "", "promise": "下周一返校", "promised_on": "2999-01-03", **{f"reason_{code}": "" for code in REASONS}, "reason_01": "不想上学",
    "certificate": "", "label": "新项目", "giver": "民政局", "choices": "甲\n乙", "position": "3", "classes": "2", "follows": "", "value": "5", "holds_from": (today_in_china() + datetime.timedelta(days=9)).isoformat(),
}  # fmt: skip
# Forms that take no day of the past.
TOMORROW = str(today_in_china() + datetime.timedelta(days=1))
DAYS_TO_COME = {name: {"starts_on": TOMORROW, "ends_on": TOMORROW} for name in ("accounts.set_substitute", "accounts.delegate_role")}
DAYS_TO_COME["students.correct_spell"] = {"starts_on": "2026-09-02", "ends_on": ""}  # of a spell that is open
DAYS_TO_COME["attendance.declare_sweep"] = {"on_day": TOMORROW}
DAYS_TO_COME["accounts.hand_over_homerooms"] = {"starts_on": f"{today_in_china().year + 1}-09-01"}
CHOICES = """
    role only page sort order month term edit per_page choice session on from to q grade tag by kind field id_kind relation
    state sponsor category school-year school_year first last person action format is_whole
    at_home_picks views_picks agreed_picks purpose
    boarding group list as-of
    seen days is_shared tab found
    which stage way school_year why take
    is_sensitive shown_in_list
    free_kind return_kind round line-0
    part disability_class disability_grade level
    no_photo unsigned plan rule
    line duty
    change every verdict list_kind
    notice_text served
    main_reason second_reason origin mine overdue result outcome
""".split()
POINTERS = {
    "to_school": "org", "office": "org", "readers": "user", "to_org": "org", "rooms": "org", "org": "org", "org_id": "org", "township": "org", "school": "org", "room": "org", "class_org": "org", "county": "county",
    "batch": "batch", "program": "program", "absent": "student", "student_id": "student", "user": "user", "user_id": "user", "users": "user",
    "also": "student", "owner": "user", "person": "user", "companion": "user", "pupils": "student", "visit": "visit", "children": "listed",
}  # fmt: skip

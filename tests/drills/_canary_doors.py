"""Canaries through every door: forms, workbooks of all kinds, exports, error pages, sign-ins that fail; and what can be deleted is."""

import datetime
import io
import re
import time

import openpyxl

from aidtracker.imports.kinds import KINDS
from aidtracker.ledgers.registry import LEDGERS
from aidtracker.reports.registry import REPORTS
from tests.attachments.pictures import file_of, scene
from tests.drills._browser import Browser, Page
from tests.drills._canary_birds import Cage
from tests.factories import PASSWORD

BREAKS = "坏了"  # a pupil whose name begins so breaks the site: see _canary_site.py
OF_ROLLS = "class-rolls"  # a workbook for pupils whom the site knows
SCHOOL, CLASS = "2199000001", {"年级": "三年级", "班级": "2班"}
PATIENCE = 60
NAMES = ("student.name", "name_reading.reading", "listed_child.name")


class Doors:
    """One person of the bureau at work. `undone` says what did not go as it should."""

    def __init__(self, base: str, cage: Cage, school_day: datetime.date):
        self.base, self.cage, self.day = base, cage, school_day
        self.browser, self.undone = Browser(base), []
        self.facts = dict.fromkeys(("forms", "workbooks", "files", "errors"), 0)
        self.pupil = 0

    def good(self, page: Page, what: str, kind: str = "forms", statuses=(200,)) -> Page:
        self.facts[kind] += 1
        if page.status not in statuses:
            self.undone.append(f"{what}: {page.status}")
        return page

    def sent(self, page: Page, what: str) -> Page:
        """A form was taken when it led on to another page; one that was refused is shown again."""
        if 'class="errors"' in page.text:
            self.undone.append(f"{what}: refused")
        return self.good(page, what)

    # Forms

    def sign_in(self) -> None:
        cage, stranger = self.cage, Browser(self.base)
        both = {"username": cage.password("password typed as name"), "password": cage.password("password of nobody")}
        self.good(stranger.fill("/sign-in", **both), "sign-in of nobody", "errors", (400, 401, 429))
        wrong = {"username": "officer", "password": cage.password("wrong password")}
        self.good(stranger.fill("/sign-in", **wrong), "wrong password", "errors", (400, 401, 429))
        self.good(self.browser.fill("/sign-in", username="officer", password=PASSWORD), "sign-in")

    def fill_in_forms(self, room_id: int) -> None:
        self.room = room_id
        self.record_pupil(room_id)
        self.record_visit()
        self.record_case()
        self.record_payment()
        self.take_roll(room_id)
        self.bring_rolls_of_the_class()
        self.invite()

    def record_pupil(self, room_id: int) -> None:
        cage, fill = self.cage, self.browser.fill
        record = {
            "name": cage.name("name", *NAMES, "payment.holder_name"), "sex": "M", "born_on": "2016-05-01", "ethnicity": "汉族", "id_kind": "居民身份证",
            "phone": cage.phone("phone"), "address": cage.words("address"), "home_code": "990100100201",
            "class_org": room_id, "mode": "day", "starts_on": "2026-09-01", "id_number": cage.id("ID"), "student_number": "G" + cage.id("student number"),
        }  # fmt: skip
        self.name = record["name"]
        page = self.sent(fill("/students/new", **record), "new pupil")
        self.pupil = page.number
        here = f"/students/{self.pupil}"
        again = {"phone": cage.phone("phone, edited"), "address": cage.words("address, edited"), "id_number": cage.id("ID, edited"), "why": "new_card"}
        self.sent(fill(f"{here}/edit", **again), "edit pupil")
        for label in ("guardian", "guardian, removed"):
            person = {"name": cage.name(label, "guardian.name"), "relation": "父亲", "phone": cage.phone(f"phone of {label}"), "is_guardian": "y"}
            self.sent(fill(f"{here}/guardians/new", **person), label)
        tag = {"kind": "disabled", "detail": cage.words("disability", "tag.detail"), "starts_on": "2026-09-01", "source": "残疾证", "disability_class": "肢体"}
        self.sent(fill(f"{here}/tags/new", page=f"{here}/tags/new?kind=disabled", **tag), "tag")
        self.sent(fill(f"{here}/reveal?field=id_number", reason="other", words=cage.words("why revealed", "audit_entry.reason")), "reveal")
        self.sent(fill("/students/search", page="/students", q=record["id_number"]), "search by ID")
        self.sent(fill("/students/search", page="/students", q=record["name"]), "search by name")

    def record_visit(self) -> None:
        cage, fill, today = self.cage, self.browser.fill, self.day.isoformat()
        words = {name: cage.words(f"visit, {name}") for name in ("at_home", "views", "agreed")}
        person = {"met": "other", "person_met": cage.name("person met", "visit.person_met"), "relation": "邻居"}
        visit = {"form": "on_site", "on": today, "minutes": "30", "purposes": "routine", "teachers": "李干事", **person, **words}
        photo = {"photo": (cage.name("name of a photo") + ".jpg", file_of(scene(), comment=cage.words("comment in a photo").encode()))}
        page = self.sent(fill(f"/students/{self.pupil}/visits/new", files=photo, is_agreed="y", **visit), "visit")
        address = f"/visits/{page.number}"
        self.sent(fill(f"{address}/edit", agreed=cage.words("visit, edited"), **person), "edit visit")
        above = Browser(self.base)
        self.good(above.fill("/sign-in", username="coordinator", password=PASSWORD), "sign-in")
        self.sent(above.fill(f"{address}/send-back", reason=cage.words("why sent back")), "send back")

    def record_case(self) -> None:
        cage, fill, today = self.cage, self.browser.fill, self.day.isoformat()
        opened = {"origin": "report", "found_on": today, "due_on": today, "main_reason": "06", "detail": cage.words("case")}
        case = f"/cases/{self.sent(fill(f'/students/{self.pupil}/cases/open', **opened), 'case').number}"
        self.sent(fill(f"{case}/edit", detail=cage.words("case, edited"), due_on=today), "edit case")
        met = {"met": "other", "person_met": cage.name("person met in a case", "follow_up.person_met"), "relation": "邻居"}
        step = {"kind": "on_site", "on": today, "people": "李干事", "result": "not_returned", "next_on": today, "words": cage.words("follow-up")}
        self.sent(fill(f"{case}/follow-ups/new", **step, **met), "follow-up")
        self.sent(fill(f"{case}/close", outcome="died", conclusion=cage.words("conclusion"), closed_on=today), "close case")

    def record_payment(self) -> None:
        cage, fill = self.cage, self.browser.fill
        batch = self.sent(fill("/aid/new", program_name="生活补助", name="2026秋-01"), "batch").number
        holder = cage.name("holder", "payment.holder_name")
        paid = {"batch": batch, "amount": "312.5", "card_number": cage.card("card"), "holder_name": holder, "state": "pending", "paid_on": ""}
        self.sent(fill(f"/students/{self.pupil}/aid/new", **paid), "payment")
        address = next(part for part in self.browser.get(f"/students/{self.pupil}/aid").text.split('"') if part.startswith("/aid/payments/"))
        edited = {"card_number": cage.card("card, edited"), "reason": "更正卡号"}
        self.sent(fill(address, **edited), "edit payment")

    def take_roll(self, room_id: int) -> None:
        here, marks = f"/roll/{room_id}/{self.day}/morning", {"absent": self.pupil, f"mark-{self.pupil}": "sick_leave"}
        told = {f"reason-{self.pupil}": self.cage.words("why absent"), "reason": self.cage.words("why late", "roll_call_version.reason", "audit_entry.reason")}
        self.sent(self.browser.fill(here, base_revision="0", **marks, **told), "roll")

    def invite(self) -> None:
        """Somebody's slip; its secrets are nowhere in what is kept."""
        own = re.search(r'/accounts/(\d+)"', self.browser.get("/accounts?q=coordinator").text)
        slip = self.sent(self.browser.fill(f"/accounts/{own[1] if own else 0}/invite"), "invitation").text
        code = re.search(r'class="nowrap">([^<]+)<', slip)
        self.cage.keep("code of an invitation", code[1] if code else "no code on the slip", ())

    # Workbooks

    def bring_workbooks(self) -> None:
        """All are checked first, then each is saved, in the order in which a new county needs them."""
        self.pages = {kind: self.upload(kind, *self.file_of(kind)) for kind in KINDS if kind != OF_ROLLS}
        for kind, page in self.pages.items():
            self.good(self.browser.fill(f"{self.checked(page)}/commit", page=page), f"commit {kind}", "workbooks")
        for kind, page in self.pages.items():
            if "已导入" not in (text := self.settled(page)):
                self.undone.append(f"{kind} was not brought in: {' '.join(re.sub('<[^>]+>', ' ', text).split())[-700:]}")
        self.discarded = self.upload("students", b"\xd0\xd5\xc3\xfb," + self.cage.words("broken workbook").encode("gbk"), "broken.csv")
        self.checked(self.discarded)
        self.good(self.browser.fill(f"{self.discarded}/discard", page=self.discarded), "discard")

    def bring_rolls_of_the_class(self) -> None:
        page = self.upload(OF_ROLLS, *self.file_of(OF_ROLLS))
        self.good(self.browser.fill(f"{self.checked(page)}/commit", page=page), "commit rolls of the class", "workbooks")
        if "已导入" not in (text := self.settled(page)):
            self.undone.append(f"rolls of the class were not brought in: {' '.join(re.sub('<[^>]+>', ' ', text).split())[-700:]}")

    def upload(self, kind: str, content: bytes, name: str) -> str:
        if KINDS[kind].asks_list:
            self.good(self.browser.fill("/census/list-kinds/add", label="孤儿名单", giver="民政局", tag=""), "kind of list", "workbooks")
        own = {"list_kind": "1"} if KINDS[kind].asks_list else {}
        fields = {"dated": "2026-11-01"} | own if KINDS[kind].asks_dated else {"school_year": "2026"} if KINDS[kind].asks_school_year else {}
        page = self.browser.fill(f"/imports/{kind}/upload", files={"file": (name, content)}, **fields)
        return self.good(page, f"upload {kind}", "workbooks").address

    def checked(self, page: str) -> str:
        self.settled(page)
        return page

    def settled(self, page: str) -> str:
        """The import's page once no job of it waits or runs."""
        return self.waited(page, lambda text: "data-refresh" not in text)

    def waited(self, address: str, is_over) -> str:
        deadline = time.monotonic() + PATIENCE
        while not is_over(text := self.browser.get(address).text):
            if time.monotonic() > deadline:
                self.undone.append(f"{address} never ended")
                break
            time.sleep(0.05)
        return text

    def file_of(self, kind: str) -> tuple[bytes, str]:
        sheets = getattr(self, f"sheets_of_{kind.replace('-', '_')}")()
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            sheet.append(list(rows[0]))
            for row in rows:
                sheet.append([row.get(heading) for heading in rows[0]])
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue(), f"{self.cage.name(f'file name of {kind}', 'import_file.file_name', 'job.download_name')}.xlsx"

    def sheets_of_divisions(self):
        return {"区划": [{"代码": "990100100209", "名称": "新村", "级别": "村"}, {"代码": "", "名称": self.cage.words("refused division"), "级别": "村"}]}

    def sheets_of_schools(self):
        school = {"学校标识码": "2199000009", "学校名称": "新学校", "办学类型": "完全小学", "所在乡镇代码": "990100100"}
        return {"学校": [school, school | {"学校标识码": "2199000008", "所在乡镇代码": "1", "学校名称": self.cage.words("refused school")}]}

    def sheets_of_students(self):
        cage = self.cage
        self.numbers = [cage.id("ID of a roster"), cage.id("student number of a roster"), cage.id("student number of a day pupil")]
        row = {
            "学校标识码": SCHOOL, "姓名": cage.name("name of a roster", *NAMES), "性别": "男", "出生日期": "20160501", "身份证件号": self.numbers[0],
            "学籍号": "G" + self.numbers[1], **CLASS, "就读方式": "送教上门", "现住址": cage.words("address of a roster"), "联系电话": cage.phone("phone of a roster"),
            "成员1姓名": cage.name("member", "guardian.name"), "成员1关系": "父亲", "成员1联系电话": cage.phone("phone of a member"),
            "残疾类型": cage.words("disability of a roster", "tag.detail"),
        }  # fmt: skip
        day_pupil = row | {"姓名": cage.name("name of a day pupil", *NAMES), "身份证件号": cage.id("ID of a day pupil"), "学籍号": "G" + self.numbers[2], "就读方式": "走读"}
        refused = row | {"姓名": cage.name("refused name"), "身份证件号": cage.id("refused ID") + "7", "学籍号": cage.digits("refused number", "G99", 21), "性别": "?"}
        return {"Sheet1": [row, day_pupil, refused | {"现住址": cage.words("refused address"), "联系电话": cage.phone("refused phone")}]}

    def sheets_of_staff(self):
        cage, written = self.cage, "user_account.name"
        row = {"姓名": cage.name("teacher", written), "手机号": cage.phone("phone of a teacher"), "工号": "", "单位代码": SCHOOL, "角色": "班主任", **CLASS}
        refused = row | {"姓名": cage.name("refused teacher"), "手机号": cage.phone("refused phone of a teacher"), "角色": "?"}
        return {"教职工": [row, refused]}

    def sheets_of_attendance(self):
        key = {"日期": self.day.isoformat(), "学校标识码": SCHOOL, **CLASS, "场次": "下午"}
        absent = key | {"学籍号": "G" + self.numbers[2], "姓名": "", "状态": "病假", "原因": self.cage.words("why absent, in a workbook")}
        refused = absent | {"学籍号": "G" + self.cage.id("absent stranger"), "原因": self.cage.words("refused reason")}
        return {"点名": [key | {"应到": 1, "实到": 0}], "缺勤": [absent, refused | {"场次": "上午"}]}

    def sheets_of_class_rolls(self):
        """The roll of this morning once more, with another mark; and a row of nobody's."""
        heading = f"{self.day.isoformat()} 上午（第 1 版）"
        row = {"编码": f"B{self.room}-S{self.pupil}", "座号": "", "姓名": self.name, heading: "事假"}
        return {"点名": [row, row | {"编码": f"B{self.room}-S999999", "姓名": self.cage.words("refused name of a class")}]}

    def sheets_of_visits(self):
        key = {"学籍号": "G" + self.numbers[1], "姓名": ""}
        words = {each: self.cage.words(f"workbook, {each}") for each in ("在家表现", "家长意见建议", "达成措施")}
        visit = key | {"家访日期": self.day.isoformat(), "家访形式": "入户", "家访教师": "李干事", "受访人": self.cage.name("met, in a workbook", "visit.person_met"), **words}
        refused = visit | {"家访形式": "?", "在家表现": self.cage.words("refused visit")}
        lesson = key | {"日期": self.day.isoformat(), "课时数": 2, "送教教师": "李干事", "学生表现与效果": self.cage.words("lesson"), "家长签字": self.cage.name("signed", "visit.signed_by")}
        return {"家访": [visit, refused], "送教上门": [lesson]}

    def listed(self, label: str, heading: str):
        cage, where = self.cage, ("listed_child.name", "listed_child.head_name")
        number = cage.id(f"ID of {label}")
        row = {heading: number, "户主姓名": cage.name(f"head of {label}", *where)}
        return row, row | {heading: cage.id(f"refused ID of {label}") + "9"}

    def sheets_of_household_registry(self):
        return {"名单": [row | {"姓名": self.cage.name(f"registered {i}", "listed_child.name"), "户籍地址代码": "990100100201"} for i, row in enumerate(self.listed("registry", "公民身份号码"))]}

    def sheets_of_monitored_households(self):
        rows = self.listed("monitored", "学生身份证号")
        return {"名单": [row | {"学生姓名": self.cage.name(f"monitored {i}", "listed_child.name"), "乡镇代码": "990100100", "纳入日期": "2026-10-01"} for i, row in enumerate(rows)]}

    def sheets_of_disabled_children(self):
        rows = self.listed("disabled", "身份证号")
        more = {"残疾证号": self.cage.digits("certificate", "990", 20), "残疾类别": "肢体残疾"}
        return {"名单": [row | more | {"姓名": self.cage.name(f"disabled {i}", "listed_child.name")} for i, row in enumerate(rows)]}

    def sheets_of_other_list(self):
        rows = self.listed("other", "身份证号")
        return {"名单": [row | {"类别": "孤儿", "姓名": self.cage.name(f"other {i}", "listed_child.name")} for i, row in enumerate(rows)]}

    def sheets_of_aid_payments(self):
        cage = self.cage
        row = {
            "学籍号": "G" + self.numbers[1], "资助项目": "营养餐", "学期": "2026年秋季", "应发金额(元)": "100", "批次": "2026秋-09", "发放日期": "2026-11-02",
            "社保卡/银行卡号": cage.card("card of a workbook"), "开户人姓名": cage.name("holder of a workbook", "payment.holder_name"), "年级": "三年级",
        }  # fmt: skip
        return {"发放": [row, row | {"学籍号": "G" + cage.id("paid stranger"), "社保卡/银行卡号": cage.card("refused card")}]}

    # Exports

    def export_everything(self) -> None:
        why = self.cage.words("why exported", "audit_entry.reason", "job.args")
        fill, started = self.browser.fill, {}
        for index, name in enumerate(LEDGERS):
            more = {"format": ("xlsx", "csv")[index % 2], "is_whole": "y", "reason": why}
            started[f"ledger {name}"] = fill(f"/ledgers/{name}/export", page=f"/ledgers/{name}", **more)
        for name in REPORTS:
            started[f"report {name}"] = fill(f"/reports/{name}/export", page=f"/reports/{name}")
        for what, page in started.items():
            self.fetched(page, what)

    def fetched(self, page: Page, what: str) -> None:
        address = page.address.split("?")[0]
        if not address.startswith("/jobs/"):
            self.undone.append(f"{what}: {page.status} {address}")
            return
        self.waited(address, lambda text: f"{address}/result" in text)
        self.good(self.browser.get(f"{address}/result"), what, "files")

    # What goes wrong

    def make_errors(self, room_id: int) -> None:
        cage, ask = self.cage, self.browser
        self.good(ask.get(f"/students/999999?q={cage.digits('in a query', '99010', 18)}"), "404", "errors", (404,))
        body = {"name": cage.name("name without token"), "id_number": cage.id("ID without token"), "address": cage.words("address without token")}
        self.good(ask.post("/students/new", body), "no token", "errors", (400,))
        wrong = {"name": cage.name("name in a refused form"), "id_number": cage.digits("ID in a refused form", "9901", 17), "born_on": "never"}
        self.good(ask.fill("/students/new", **wrong), "refused form", "errors", (400,))
        broken = {
            "name": BREAKS + cage.name("name in a 500"), "sex": "M", "born_on": "2016-05-01", "ethnicity": "汉族", "id_kind": "居民身份证", "mode": "day",
            "id_number": cage.id("ID in a 500"), "address": cage.words("address in a 500"), "phone": cage.phone("phone in a 500"),
            "class_org": room_id, "starts_on": "2026-09-01",
        }  # fmt: skip
        self.good(ask.fill("/students/new", **broken), "500", "errors", (500,))
        twin = {name: value for name, value in broken.items() if name != "phone"} | {"name": cage.name("name of a twin"), "id_number": self.numbers[0]}
        self.good(ask.fill("/students/new", **twin), "twin", "errors", (400,))

    # What can be deleted

    def delete(self) -> None:
        birds = {bird.label: bird.text for bird in self.cage.birds}
        self.sent(self.browser.fill(f"/students/{self.pupil}/guardians/2/remove"), "remove guardian")
        self.cage.fly(birds["guardian, removed"])
        lists = self.browser.get("/census/lists").text
        for address in {part for part in lists.split('"') if part.startswith("/census/lists/") and part.split("/")[-1].isdigit()}:
            self.sent(self.browser.fill(f"{address}/remove"), "remove list")
        for label in ("head of registry", "head of disabled", "registered 0", "monitored 0", "disabled 0"):
            self.cage.fly(birds[label])

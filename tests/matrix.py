"""The rules of the authorisation matrix: what every address must answer, computed from the guard, the object's place and
the roles held, never from what the site does. The objects stand in matrix_world.py and matrix_things.py.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote, urlsplit

from aidtracker.accounts.models import User
from aidtracker.permissions import ROLES, Permission

P = Permission
IMPOSSIBLE = ("zero", "huge", "beyond", "negative")
HUGE = (2**31, 10**25)  # past PostgreSQL's integer, past SQLite's
# What an endpoint asks beyond its guard, for the object in its address: one of these is needed there, by method.
NARROWER = {
    ("GET", "attendance.take_roll"): (P.ROLL_SUBMIT, P.ROLL_CORRECT),
    ("POST", "attendance.take_roll"): (P.ROLL_SUBMIT,),  # today's first roll; see World.rights
    ("POST", "attendance.declare_no_class"): (P.ROLL_SUBMIT, P.ROLL_CORRECT),
    ("POST", "attendance.withdraw_no_class"): (P.ROLL_SUBMIT, P.ROLL_CORRECT),
    **dict.fromkeys((("GET", "attendance.confirm_return"), ("POST", "attendance.confirm_return")), (P.ROLL_SUBMIT, P.ROLL_CORRECT)),
    **dict.fromkeys((("GET", "attendance.edit_not_returned"), ("POST", "attendance.edit_not_returned")), (P.ROLL_SUBMIT, P.ROLL_CORRECT, P.CASE_WORK)),
    **dict.fromkeys((("GET", "census.match_child"), ("POST", "census.match_child"), ("POST", "census.withdraw_match")), (P.CASE_WORK,)),
    ("GET", "attendance.show_history"): (P.STUDENT_VIEW,),
    ("GET", "attendance.show_student"): (P.STUDENT_VIEW,),
    **dict.fromkeys((("GET", "students.record_return"), ("POST", "students.record_return")), (P.MOVE_APPROVE,)),  # the school by the county's rule
    ("GET", "students.list_changes"): (P.STUDENT_EDIT, P.AUDIT_VIEW),
    ("GET", "visits.edit_visit"): (P.REPORT_VIEW,),  # somebody else's visit: an office
    ("POST", "visits.edit_visit"): (P.REPORT_VIEW,),
    **dict.fromkeys((("GET", "visits.add_files"), ("POST", "visits.add_files")), (P.REPORT_VIEW,)),
    **dict.fromkeys((("GET", "visits.remove_file"), ("POST", "visits.remove_file")), (P.REPORT_VIEW, P.VISIT_VERIFY)),
}
# Whoever is managed so must hold nothing beyond the manager's reach.
WHOLE = ("accounts.record_leaver", "accounts.invite_user", "accounts.unlock_user", "accounts.edit_user", "accounts.disable_user", "accounts.enable_user", "accounts.reset_password", "accounts.reset_second_factor")
# Kinds of org that an address is about; any other is none there.
ONLY = {
    "accounts.assign_teacher": ("class",),
    "terms.declare_closure": ("county", "township", "school"),
    "terms.set_term": ("county",),
    "terms.set_rota": ("school",),
    **dict.fromkeys(("attendance.set_sessions", "attendance.withdraw_sessions"), ("county", "school")),
    "attendance.declare_no_class": ("class", "school"),
    **dict.fromkeys(("attendance.declare_sweep", "attendance.withdraw_sweep"), ("county",)),
    "attendance.show_sessions": ("county", "school", "class"),
    "setup.show_setup": ("county", "township", "school"),
}
# What an address is good for only with a query of its own.
QUERIES = {
    "students.reveal": lambda person: {"field": "phone"},
    "students.add_tag": lambda person: {"kind": "left_behind"},
    "accounts.create_user": lambda person: person.own_place,
    "accounts.give_role": lambda person: person.own_place,
}
# Where the permission of the guard does not reach a thing but this one does, it exists: 403 would do as well as 404.
SEES = {"student": P.STUDENT_VIEW, "listed": P.CENSUS_VIEW, "list": P.CENSUS_VIEW, "class": P.ORG_VIEW, "org": P.ORG_VIEW}
SEES |= {"leave": P.STUDENT_VIEW, "alert": P.ROLL_VIEW, "task": P.CASE_WORK}
SEES |= {"transfer": P.MOVE_VIEW, "user": P.ACCOUNT_MANAGE, "visit": P.VISIT_VIEW, "case": P.CASE_VIEW, "closing": P.CASE_VIEW, "handover": P.CASE_VIEW, "notice": P.CASE_VIEW, "service": P.CASE_VIEW, "responsibility": P.CASE_VIEW}
# Words of a pupil's records, each with the pupil's mark behind it, and what one must hold over the pupil to read them.
CANARIES = {
    P.STUDENT_VIEW: ("雀旧", "雀并", "雀列", "雀假", "雀批", "雀改", "雀症", "雀措", "雀返"),
    P.STUDENT_REVEAL: ("雀巷", "雀原", "雀宅", "雀项"),
    P.CASE_WORK: ("雀办",),
    P.VISIT_VIEW: ("雀见", "雀访", "雀议", "雀前", "雀退", "雀估", "雀标", "雀果"),
    P.VISIT_VERIFY: ("雀拨", "雀看", "雀再"),
    P.AID_VIEW: ("雀困", "雀户"),
    P.CASE_VIEW: ("雀案", "雀初", "雀话", "雀结", "雀据", "雀缺", "雀移", "雀异", "雀转", "雀拒", "雀送", "雀文", "雀密", "雀诺"),
}
FOR_MACHINES = ("operation.show_metrics",)  # which know a token; to people there is no such page
# Numbers, money and what guards an account: whoever has proved who they are too long ago is asked again, whatever was sent.
FRESH = (
    "operation.confirm_paper_key", "operation.fetch_backup", "students.reveal", "aid.create_batch", "aid.record_payment", "aid.edit_payment",
    "accounts.create_second_factor", "accounts.set_second_factor", "accounts.create_recovery_codes", "accounts.reset_second_factor",
    "accounts.create_user", "accounts.give_role", "accounts.assign_teacher", "accounts.reset_password", "accounts.invite_user", "accounts.invite_users",
    "accounts.delegate_role", "accounts.confirm_role", "accounts.set_homeroom", "accounts.hand_over_homerooms", "accounts.enable_user",
)  # fmt: skip
# And of these, when this is sent, or of what it is about.
FRESH_WHEN = {"ledgers.export_ledger": {"is_whole": "y"}}
BEFORE_THE_FACTOR = ("accounts.show_second_factor", "accounts.create_second_factor", "accounts.set_second_factor")
BACK_TO_THE_FACTOR = ("accounts.create_second_factor", "accounts.create_recovery_codes")  # which they are buttons of
BEFORE_THE_PASSWORD = ("accounts.change_password", "accounts.sign_out", "web.set_language", "static", "operation.show_health")

LEADS_TO = {"/me/password": "password", "/me/second-factor": "second factor"}
LED_TO = {"must_change": "password", "must_set_up": "second factor"}


@dataclass
class Thing:
    """What a part of an address may name. `of` finds it by what the rest of the address names."""

    label: str
    value: object = None
    kind: str = ""
    places: tuple = ()  # paths; within one of them is within scope
    owner: object = None  # the user whose own it is
    permission: Permission | None = None  # of a report or a kind of workbook
    exists: bool = True
    sort: str = ""  # of an org: its kind
    all_places: tuple = ()  # where a user holds a role today
    of: Callable | None = None


@dataclass
class Person:
    label: str
    user: User | None
    held: list = field(default_factory=list)  # (role, org) held today
    state: str = ""  # disabled, must_change, must_set_up, ended
    http: object = None
    token: str = ""

    @property
    def own_place(self) -> dict:
        return {"org": self.held[0][1].id} if self.held else {}

    def scopes(self, permission) -> list[str]:
        return [org.path for role, org in self.held if permission in ROLES[role].permissions]

    def reaches(self, permission, places) -> bool:
        return any(place.startswith(path) for path in self.scopes(permission) for place in places)

    @property
    def is_stranger(self) -> bool:
        return self.user is None or self.state == "disabled"


def spellings(word: str) -> set[str]:
    return {word, word.encode("unicode_escape").decode(), quote(word), quote(word).lower()}


def numbers(kind: str) -> list[Thing]:
    named = {"nonexistent": 99_999, "zero": 0, "huge": HUGE[0], "beyond": HUGE[1], "negative": -1}
    return [Thing(label, value, kind, exists=False) for label, value in named.items()]


def broken(*values) -> list[Thing]:
    return [Thing(f"no such: {value}", value, exists=False) for value in values]


# What must come back.


def expected(person: Person, endpoint: str, guard, things: list[Thing], needed: tuple = ()) -> set[str]:
    """One of: in, sign-in, password, second factor, forbidden, missing (both where either tells no more than the reader knows).

    `needed`: one of these permissions is asked beyond the guard's.
    """
    if guard == "public":
        if endpoint in FOR_MACHINES:
            return {LED_TO[person.state]} if person.state in LED_TO else {"missing"}
        if any(not thing.exists for thing in things):
            return {"missing"}
        return {"in", LED_TO[person.state]} if person.state in LED_TO else {"in"}
    if person.is_stranger:
        return {"sign-in"}
    if person.state == "must_change" and endpoint not in BEFORE_THE_PASSWORD:
        return {"password"}
    if person.state == "must_set_up" and endpoint not in BEFORE_THE_PASSWORD + BEFORE_THE_FACTOR:
        return {"second factor"}
    if isinstance(guard, Permission) and not person.scopes(guard):
        return {"forbidden"}
    said = set()
    for thing in things:
        is_other_kind = thing.sort and endpoint in ONLY and thing.sort not in ONLY[endpoint]
        if not thing.exists or is_other_kind or (thing.owner is not None and thing.owner != person.user):
            said.add("missing")
        elif thing.permission and not person.scopes(thing.permission):
            said.add("forbidden")
        elif thing.places and not person.reaches(guard, thing.places):
            if thing.kind == "role":  # of somebody who is seen for another role
                said.add("forbidden")
                continue
            seen = thing.kind in SEES and person.reaches(SEES[thing.kind], thing.places)
            return {"forbidden", "missing"} if seen else {"missing"}
        elif endpoint in WHOLE and not all(person.reaches(guard, (place,)) for place in thing.all_places):
            said.add("forbidden")
        elif thing.places and needed and not any(person.reaches(each, thing.places) for each in needed):
            said.add("forbidden")
    if said:
        return said
    if endpoint in BACK_TO_THE_FACTOR:
        return {"second factor"} if endpoint.endswith("factor") else {"second factor", "in"}  # which shows the codes, if there is one
    return {"sign-in"} if endpoint == "accounts.sign_out" else {"in"}


def outcome(answer, method: str) -> str:
    """What came back, in the same words; `5xx` and the like for what never may."""
    place = urlsplit(answer.headers.get("Location", "")).path
    if answer.status_code in (301, 302, 303) and place == "/sign-in":
        return "sign-in"
    if answer.status_code in (301, 302, 303) and place in LEADS_TO:
        return LEADS_TO[place]
    if answer.status_code in (403, 404):
        return {403: "forbidden", 404: "missing"}[answer.status_code]
    if answer.status_code < 400:
        return "in"
    if method == "POST" and answer.status_code in (400, 409, 422, 429) and "页面停留太久" not in answer.text:
        return "in"  # it was looked at, and refused for what stood in it
    return str(answer.status_code)


# Forms and links of a page.


class Page(HTMLParser):
    """forms: [{method, action, fields: {name: (type, value)}}]; links: addresses."""

    def __init__(self, html: str):
        super().__init__()
        self.forms, self.links, self.select = [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        of = dict(attrs)
        if tag == "a" and of.get("href"):
            self.links.append(of["href"])
        if tag == "form":
            self.forms.append({"method": (of.get("method") or "get").upper(), "action": of.get("action") or "", "fields": {}})
        if not self.forms:
            return
        fields = self.forms[-1]["fields"]
        if tag in ("input", "textarea", "button") and of.get("name"):
            fields.setdefault(of["name"], (of.get("type") or tag, of.get("value") or ""))
        if tag == "select" and of.get("name"):
            self.select = of["name"]
            fields.setdefault(self.select, ("select", ""))
        if tag == "option" and self.select and not fields[self.select][1]:
            fields[self.select] = ("select", of.get("value") or "")

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None


def queries_of(address: str) -> list[str]:
    return [name for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True)]


def new_key() -> str:
    return str(uuid.uuid4())

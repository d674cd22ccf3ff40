"""Who may do what, on one screen: permissions, the roles that hold them, and the guards of views.

A role is held at an org, from one date to another; its permissions reach the org and all below it.
An endpoint without a guard answers 403 to everybody.
"""

import datetime
from dataclasses import dataclass
from enum import Enum
from functools import wraps

from flask import abort, current_app, request
from flask_login import current_user

from aidtracker.db import utcnow
from aidtracker.errors import ProofNeeded

FRESH = datetime.timedelta(minutes=30)  # since the password or a code was given, for numbers, files, money and accounts


class Permission(Enum):
    ORG_VIEW = "see the tree of townships, schools and classes"
    ORG_MANAGE = "add and change divisions and schools"
    STUDENT_VIEW = "see pupils, numbers masked"
    STUDENT_EDIT = "change a pupil's record and tags"
    STUDENT_REVEAL = "see a whole ID, student number or phone, with a reason, on record"
    MOVE_VIEW = "see the moves and transfers of a place's pupils"
    MOVE_APPROVE = "approve that a child stays away for a time: 休学, 延缓入学"
    RETURN_RECORD = "record that a child who was out on 休学 is back, where the county lets one; see who is out"
    ROLL_VIEW = "see who has and who has not taken the roll"
    ROLL_SUBMIT = "take the roll and correct it on the same day"
    ROLL_CORRECT = "correct a roll of a past day"
    VISIT_VIEW = "see home visits and lessons at home"
    VISIT_RECORD = "record a home visit or a lesson at home, and mend it until it was verified"
    VISIT_VERIFY = "verify a visit or send it back"
    CASE_VIEW = "see dropout cases"
    CASE_WORK = "open a case, follow it up, and reopen it after a relapse"
    CASE_CLOSE = "close a case with its conclusion"
    NOTICE_ISSUE = "issue a notice (文书) in the name of the township or the bureau, and withdraw it"
    CASE_SEAL = "keep a case from all but named people, and name them"
    CASE_BREAK = "break the seal of a case in need, for a time, with a reason, on record"
    CASE_OVERRULE = "change the named people of a sealed case, or end the seal, without reading it, with a reason, on record"
    RESPONSIBILITY_EDIT = "name who answers for a child or a place, from when to when"
    CENSUS_VIEW = "see other departments' lists and how they match the pupils"
    CENSUS_IMPORT = "bring in other departments' lists"
    AID_VIEW = "see who was paid which aid, card numbers masked"
    AID_RECORD = "record payments and bring them in"
    REPORT_VIEW = "see summed figures"
    REPORT_EXPORT = "download a report as a workbook"
    LEDGER_EXPORT = "look at ledgers and take them away, pupil by pupil"
    IMPORT_RUN = "bring in workbooks"
    IMPORT_SEND = "send in the workbooks of the own work, as far as one may do that work"
    ACCOUNT_MANAGE = "open and close accounts, give and end roles"
    AUDIT_VIEW = "read the audit trail"
    CALENDAR_EDIT = "declare days without school, or made up for, at the own place"
    POLICY_EDIT = "set what the county's rules count by"
    OPERATION_VIEW = "see how the site is kept alive"
    OPERATION_RUN = "make backups and take them away"
    SETUP_VIEW = "see what is missing for the place to begin"


P = Permission
CARE = {P.STUDENT_VIEW, P.VISIT_VIEW, P.CASE_VIEW}  # of a child: whoever may be sent to the house
LOOK = CARE | {P.ORG_VIEW, P.ROLL_VIEW, P.AID_VIEW}
GO = {P.VISIT_RECORD, P.CASE_WORK}
SUMS = {P.ORG_VIEW, P.ROLL_VIEW, P.REPORT_VIEW}
OFFICE = LOOK | SUMS | {P.MOVE_VIEW, P.STUDENT_REVEAL, P.REPORT_EXPORT, P.LEDGER_EXPORT}
ABOVE = {P.MOVE_APPROVE, P.RETURN_RECORD, P.VISIT_VERIFY, P.CASE_CLOSE, P.NOTICE_ISSUE, P.CASE_SEAL, P.CASE_BREAK, P.RESPONSIBILITY_EDIT, P.CENSUS_VIEW, P.CALENDAR_EDIT, P.SETUP_VIEW}  # township and county look after what schools do
BUREAU = OFFICE | GO | ABOVE | {P.STUDENT_EDIT, P.ROLL_CORRECT, P.IMPORT_RUN, P.IMPORT_SEND, P.CENSUS_IMPORT, P.AID_RECORD}


@dataclass(frozen=True)
class Role:
    label: str  # as the county says it
    english: str
    held_at: tuple[str, ...]  # kinds of org
    permissions: frozenset


def role(label, english, held_at, permissions):
    return Role(label, english, tuple(held_at.split()), frozenset(permissions))


ROLES = {
    "teacher": role("教师", "Teacher", "class school", LOOK | GO | {P.STUDENT_REVEAL, P.ROLL_SUBMIT, P.IMPORT_SEND}),
    "school_admin": role(
        "校级管理员",
        "School administrator",
        "school",
        OFFICE | GO | {P.STUDENT_EDIT, P.CENSUS_VIEW, P.RETURN_RECORD, P.ROLL_SUBMIT, P.ROLL_CORRECT, P.IMPORT_RUN, P.IMPORT_SEND, P.ACCOUNT_MANAGE, P.CASE_SEAL, P.RESPONSIBILITY_EDIT, P.CALENDAR_EDIT, P.SETUP_VIEW},
    ),
    "village_officer": role("村干部", "Village officer", "village", CARE | GO | {P.ORG_VIEW}),
    "township_coordinator": role("乡镇专干", "Township coordinator", "township", OFFICE | GO | ABOVE),
    "bureau_staff": role("教育局工作人员", "Bureau staff", "county", BUREAU),
    "finance": role("财务人员", "Finance", "county", {P.ORG_VIEW, P.REPORT_VIEW, P.REPORT_EXPORT}),
    "bureau_admin": role(
        "教育局管理员", "Bureau administrator", "county", BUREAU | {P.CASE_OVERRULE, P.ORG_MANAGE, P.ACCOUNT_MANAGE, P.AUDIT_VIEW, P.POLICY_EDIT, P.OPERATION_VIEW}
    ),
    "city_viewer": role("市级查看", "City viewer", "city", SUMS),
    "auditor": role("审计员", "Auditor", "county city", LOOK | {P.CENSUS_VIEW, P.REPORT_VIEW, P.AUDIT_VIEW}),
    "system_admin": role("系统管理员", "System administrator", "county city", {P.ORG_VIEW, P.ACCOUNT_MANAGE, P.SETUP_VIEW, P.OPERATION_VIEW, P.OPERATION_RUN}),
}

LOOKS = frozenset(  # they change nothing; every other permission does
    {
        P.ORG_VIEW, P.STUDENT_VIEW, P.MOVE_VIEW, P.STUDENT_REVEAL, P.ROLL_VIEW, P.VISIT_VIEW, P.CASE_VIEW, P.CENSUS_VIEW, P.AID_VIEW, P.REPORT_VIEW,
        P.REPORT_EXPORT, P.LEDGER_EXPORT, P.AUDIT_VIEW, P.SETUP_VIEW, P.OPERATION_VIEW,
    }
)  # fmt: skip
TWO_PERSON_ROLES = tuple(code for code, about in ROLES.items() if P.ACCOUNT_MANAGE in about.permissions and not {"school", "class"} & set(about.held_at))
COUNTY_ROLES = frozenset(code for code, about in ROLES.items() if set(about.held_at) <= {"county", "city"})


def requires(permission: Permission):
    """Guard of a view: signed in, and holding the permission somewhere; the view then loads by visible_x."""
    if not isinstance(permission, Permission):
        raise TypeError(f"requires() takes a Permission, not {permission!r}")

    def guard(view):
        @wraps(view)
        def guarded(*args, **kwargs):
            if not current_user.is_authenticated:
                abort(401)
            if not current_user.may(permission):
                abort(403)
            return view(*args, **kwargs)

        guarded.guard = permission
        return guarded

    return guard


def requires_login(view):
    """Guard of a view that every signed-in person may use."""

    @wraps(view)
    def guarded(*args, **kwargs):
        if not current_user.is_authenticated:
            abort(401)
        return view(*args, **kwargs)

    guarded.guard = "login"
    return guarded


def requires_fresh(view):
    """Guard beside another: what is sent needs a proof of this half hour. A page that only shows the form needs none."""

    @wraps(view)
    def guarded(*args, **kwargs):
        if request.method == "POST":
            refuse_old_proof()
        return view(*args, **kwargs)

    guarded.is_fresh = True
    return guarded


def refuse_old_proof() -> None:
    """Where only some of what a form may ask needs it."""
    proved_at = current_user.proved_at
    if proved_at is None or abs(utcnow() - proved_at) > FRESH:
        raise ProofNeeded


def public(view):
    """Guard of a view for everybody: sign-in, health, the language switch."""
    view.guard = "public"
    return view


def guarded_endpoint() -> None:
    """Before every request: an endpoint whose view carries no guard is refused, whoever asks."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None and request.endpoint != "static" and not hasattr(view, "guard"):
        abort(403)

"""The tabs of a pupil's pages: every room's, as far as the reader may open it."""

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from aidtracker.permissions import Permission
from aidtracker.students.records import permissions_over

P = Permission
TABS = (  # (label, endpoint, any of these permissions)
    (_l("基本信息"), "students.show_student", {P.STUDENT_VIEW}),
    (_l("监护人"), "students.list_guardians", {P.STUDENT_VIEW}),
    (_l("就读经历"), "students.list_enrollments", {P.STUDENT_VIEW}),
    (_l("特殊群体"), "students.list_tags", {P.STUDENT_VIEW}),
    (_l("考勤"), "attendance.show_student", {P.ROLL_VIEW}),
    (_l("家访"), "visits.show_student", {P.VISIT_VIEW}),
    (_l("个案"), "cases.show_student", {P.CASE_VIEW}),
    (_l("资助"), "aid.show_student", {P.AID_VIEW}),
    (_l("查看与变更"), "students.list_changes", {P.STUDENT_EDIT, P.AUDIT_VIEW}),
)


def student_tabs(student) -> list[tuple]:
    """(label, url, is the present page) for macros/tabs.html."""
    may = permissions_over(current_user, student)
    return [
        (str(label), url_for(endpoint, student_id=student.id), request.endpoint == endpoint)
        for label, endpoint, needed in TABS
        if needed & may
    ]

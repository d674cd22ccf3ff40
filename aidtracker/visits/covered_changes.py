"""Which classes' sums of coverage are no longer true, by what the trail tells since: what is not known here may have changed any of them."""

from aidtracker.db import chunks_of, marks_for, run_sql

MOST = 100  # classes; of more the whole county is counted anew, which is cheaper
SINCE = "SELECT action, object_kind, object_id FROM audit_entry WHERE id > ? AND (county_id = ? OR county_id IS NULL)"
# Rooms that write nothing which the rules of visits ask for; what pupils and visits become through them is told by students and visits.
APART = ("accounts", "aid", "attendance", "audit", "cases", "jobs", "ledgers", "mobile", "reports", "tasks")
MERE = {
    "census": "save_list remove_snapshot match_child withdraw_match put_on_ledger export_matching",
    "imports": "upload_workbook set_headings set_choices discard_import",
    "operation": "make_backup start_backup fail_backup verify_backup fetch_backup print_paper_key confirm_paper_key",
    "students": "view_student reveal add_guardian edit_guardian remove_guardian find_twins set_not_same set_household leave_household edit_household"
    " add_field edit_field withdraw_field reopen_field transfer_student confirm_transfer refuse_transfer withdraw_transfer miss_transfer find_transferee"
    " check_quality start_quality_check ask_for_rollover withdraw_rollover_order set_feeder close_year reopen_year",
    "visits": "verify_visit send_back_visit complete_visit add_files remove_file view_file forget_files print_papers export_form export_forms export_list"
    " draw_calls record_call find_second_looks close_second_look reopen_second_look remind_tutoring remind_of_year set_goals add_individual_plan end_individual_plan",
}
PASSED = {f"{room}.{action}" for room, actions in MERE.items() for action in actions.split()}
OF_VISIT = {"visits.record_visit", "visits.record_tutoring", "visits.edit_visit"}
OF_PUPIL = "create_student edit_student add_tag end_tag correct_tag enroll_student change_mode leave_class defer_student record_return record_arrival withdraw_move correct_spell"
OF_PUPIL = {f"students.{action}" for action in OF_PUPIL.split()}
OF_PLACE = {"visits.set_plans"}
VISITED = "SELECT DISTINCT vs.student_id FROM visit v JOIN visit_student vs ON vs.visit_id = v.id WHERE v.uid IN "
PUPILS = "SELECT id FROM student WHERE uid IN "
# A move keeps the class that it took a pupil out of, also where the spell there is gone.
SAT = """SELECT class_org_id FROM enrollment WHERE student_id IN {0} UNION SELECT from_class_id FROM move WHERE student_id IN {0} AND from_class_id IS NOT NULL
UNION SELECT to_class_id FROM move WHERE student_id IN {0} AND to_class_id IS NOT NULL"""
ROOMS = "SELECT c.org_id FROM school_class c JOIN org o ON o.id = c.org_id WHERE o.id IN {0} OR o.parent_id IN {0}"


def classes_changed(county_id: int, since: int) -> set[int] | None:
    """Since that entry of the trail; None: any of them may be."""
    told: dict[str, set] = {"visit": set(), "student": set(), "place": set()}
    for action, object_kind, object_id in run_sql(SINCE, (since, county_id)).fetchall():
        if is_apart(action):
            continue
        about = what_it_is_about(action, object_kind)
        if not about or (about == "place" and int(object_id) == county_id):
            return None
        told[about].add(object_id)
    if sum(map(len, told.values())) > MOST:
        return None
    pupils = pupils_visited(told["visit"]) | pupils_named(told["student"])
    found = where_they_sat(pupils) | rooms_at({int(place) for place in told["place"]})
    return found if len(found) <= MOST else None


def is_apart(action: str) -> bool:
    return action.partition(".")[0] in APART or action in PASSED


def what_it_is_about(action: str, object_kind: str) -> str:
    if action in OF_VISIT and object_kind == "visit":
        return "visit"
    if action in OF_PUPIL and object_kind == "student":
        return "student"
    return "place" if action in OF_PLACE and object_kind == "org" else ""


def pupils_visited(uids: set[str]) -> set[int]:
    return {id_ for some in chunks_of(sorted(uids)) for (id_,) in run_sql(VISITED + marks_for(some), some).fetchall()}


def pupils_named(uids: set[str]) -> set[int]:
    return {id_ for some in chunks_of(sorted(uids)) for (id_,) in run_sql(PUPILS + marks_for(some), some).fetchall()}


def where_they_sat(pupils: set[int]) -> set[int]:
    return {id_ for some in chunks_of(sorted(pupils), 3) for (id_,) in run_sql(SAT.format(marks_for(some)), some * 3).fetchall()}


def rooms_at(places: set[int]) -> set[int]:
    return {id_ for some in chunks_of(sorted(places), 2) for (id_,) in run_sql(ROOMS.format(marks_for(some)), some * 2).fetchall()}

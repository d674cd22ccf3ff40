"""Races about one child: the record, the place in class, the case."""

from aidtracker.cases.models import Case, CaseStep, CaseVersion, FollowUp
from aidtracker.crypto.keyed_index import keyed
from aidtracker.orgs.models import Org
from aidtracker.students.models import Enrollment, Guardian, Student, Tag
from tests import factories
from tests.drills._race_world import CROWD, Race


def same_number(race: Race) -> None:
    """Eight schools' worth of hands enter a child with one ID number: one record."""
    number = race.round.id_number = race.id_number()
    fields = {"name": "央金拉姆", "sex": "F", "born_on": "2017-05-04", "ethnicity": "藏族", "id_kind": "居民身份证", "id_number": number}
    fields |= {"class_org": race.world.rooms[0].id, "mode": "day", "starts_on": "2020-09-01", "is_another": "y"}
    race.one_wins(race.fire(race.world.heads, "/students/new", lambda n: fields))
    found = list(Student.select().where(Student.id_index == keyed("index_id", number)))
    race.exactly(1, len(found), "records")
    race.round.pupil = found[0] if found else factories.make_student(race.world.rooms[0], id_number=number)
    race.entries(1, "students.create_student")


def edited_pupil(race: Race) -> None:
    pupil = race.round.pupil = Student.get_by_id(race.round.pupil.id)
    fields = {"sex": "F", "born_on": "2017-05-04", "ethnicity": "藏族", "id_kind": "居民身份证", "revision": pupil.revision, "why": "typing"}
    answers = race.fire(race.world.heads, f"/students/{pupil.id}/edit", lambda n: fields | {"name": "央金拉姆", "address": f"扎多村{n}组"})
    winner = race.one_wins(answers, told=(409,))
    now = Student.get_by_id(pupil.id)
    race.exactly(pupil.revision + 1, now.revision, "revisions")
    race.true(now.address == f"扎多村{winner}组", "the record that stands is not the winner's")
    race.entries(1, "students.edit_student")


def two_classes(race: Race) -> None:
    """Into two classes at once: whoever came last stands, with one open spell."""
    pupil, rooms = race.round.pupil, race.world.rooms[1:3]
    fields = {"mode": "day", "starts_on": race.world.today.isoformat()}
    answers = race.fire(race.world.heads, f"/students/{pupil.id}/enroll", lambda n: fields | {"class_org": rooms[n % 2].id})
    race.true(all(answer.status in (303, 400) for answer in answers), f"answers {sorted(answer.status for answer in answers)}")
    spells = list(Enrollment.select().where((Enrollment.student == pupil) & Enrollment.ends_on.is_null()))
    race.exactly(1, len(spells), "open spells")
    race.exactly(2, Enrollment.select().where(Enrollment.student == pupil).count(), "spells in all")
    race.true(spells[0].class_org_id == Student.get_by_id(pupil.id).class_org_id, "the record and the spell name different classes")
    race.entries(sum(answer.status == 303 for answer in answers), "students.enroll_student")


def same_group(race: Race) -> None:
    pupil = race.round.pupil
    fields = {"kind": "orphan", "detail": "", "starts_on": race.world.today.isoformat(), "source": "民政名单"}
    race.one_wins(race.fire(race.world.heads, f"/students/{pupil.id}/tags/new", lambda n: fields))
    race.exactly(1, Tag.select().where(Tag.student == pupil).count(), "open groups")
    race.entries(1, "students.add_tag")


def eight_guardians(race: Race) -> None:
    """Eight different people of one family: none is lost, each has a place of their own."""
    pupil = race.round.pupil
    answers = race.fire(race.world.heads, f"/students/{pupil.id}/guardians/new", lambda n: {"name": f"次仁{n}", "relation": "父亲"})
    race.all_win(answers)
    positions = sorted(guardian.position for guardian in Guardian.select().where(Guardian.student == pupil))
    race.true(positions == list(range(1, CROWD + 1)), f"guardians at {positions}")
    race.entries(CROWD, "students.add_guardian")


def closing_class(race: Race) -> None:
    """Four classes are closed, each while a child is put into it: nobody sits in a class that is no more."""
    world, pairs = race.world, range(CROWD // 2)
    rooms = [factories.make_class(world.school, "一年级", str(100 + race.round.number * CROWD + n)) for n in pairs]
    pupils = [factories.make_student(world.rooms[-1], "扎西", home=world.village, id_number=race.id_number()) for _ in pairs]
    answers = race.fire(
        [person for n in pairs for person in (world.heads[n], world.officers[n])],
        lambda n: f"/orgs/{rooms[n // 2].id}/close" if n % 2 else f"/students/{pupils[n // 2].id}/enroll",
        lambda n: {"reason": "并班"} if n % 2 else {"mode": "day", "starts_on": world.today.isoformat(), "class_org": rooms[n // 2].id},
    )
    for room, *both in zip(rooms, answers[::2], answers[1::2], strict=True):
        race.one_wins(both, told=(400,))
        is_closed, sits = Org.get_by_id(room.id).closed_on is not None, Student.select().where(Student.class_org == room).count()
        race.exactly(1, is_closed + sits, "of a class that is closed and a child that sits in it")
    race.entries(CROWD // 2, "orgs.close_org", "students.enroll_student")


def left_class(race: Race) -> None:
    pupil = race.round.pupil
    fields = {"kind": "leave", "left_on": race.world.today.isoformat(), "reason": "随父母到外县就读"}
    race.one_wins(race.fire(race.world.officers, f"/students/{pupil.id}/leave", lambda n: fields))
    race.exactly(0, Enrollment.select().where((Enrollment.student == pupil) & Enrollment.ends_on.is_null()).count(), "open spells")
    race.entries(1, "students.leave_class")


# The case.


def same_case(race: Race) -> None:
    pupil = race.round.pupil
    answers = race.fire(race.world.officers, f"/students/{pupil.id}/cases/open", lambda n: case_of(race, n) | found_today(race))
    race.one_wins(answers)
    cases = list(Case.select().where(Case.student == pupil))
    race.exactly(1, len(cases), "cases")
    race.round.case = cases[0]
    race.exactly(1, steps_of(race), "steps")
    race.entries(1, "cases.open_case")


def edited_case(race: Race) -> None:
    case = race.round.case
    answers = race.fire(race.world.officers, f"/cases/{case.id}/edit", lambda n: case_of(race, n) | {"revision": 1, "detail": f"第{n}份"})
    winner = race.one_wins(answers, told=(409,))
    now = case_now(race)
    race.exactly(2, now.revision, "revisions")
    race.exactly(1, CaseVersion.select().where(CaseVersion.case == case).count(), "versions of what stood before")
    race.true(now.detail == f"第{winner}份", "the case that stands is not the winner's")
    race.entries(1, "cases.edit_case")


def eight_follow_ups(race: Race) -> None:
    """Eight calls about one child: none is lost, they are numbered one by one, and the case moves once."""
    case, today = race.round.case, race.world.today.isoformat()
    fields = {"kind": "phone", "on": today, "people": "张老师", "met": "self", "result": "not_returned", "next_on": today}
    race.all_win(race.fire(race.world.officers, f"/cases/{case.id}/follow-ups/new", lambda n: fields | {"words": f"第{n}次"}))
    ordinals = [follow_up.ordinal for follow_up in FollowUp.select().where(FollowUp.case == case).order_by(FollowUp.ordinal)]
    race.true(ordinals == list(range(1, CROWD + 1)), f"follow-ups numbered {ordinals}")
    race.exactly(2, steps_of(race), "steps")
    race.entries(CROWD, "cases.add_follow_up")


def closed_case(race: Race) -> None:
    case, today = case_now(race), race.world.today.isoformat()
    fields = {"revision": case.revision, "outcome": "studying_here", "conclusion": "学籍截图在学校", "closed_on": today}
    winner = race.one_wins(race.fire(race.world.officers, f"/cases/{case.id}/close", lambda n: fields))
    now = case_now(race)
    race.true(now.state == "closed" and now.closed_by_id == race.world.officers[winner].user.id, "the end that stands is not the winner's")
    race.exactly(3, steps_of(race), "steps")
    race.entries(1, "cases.close_case")


def reopened_case(race: Race) -> None:
    case = case_now(race)
    fields = found_today(race) | {"reason": "返校两周后又没有到校"}
    race.one_wins(race.fire(race.world.officers, f"/cases/{case.id}/reopen", lambda n: case_of(race, n) | fields))
    race.true(case_now(race).state == "suspected", f"the case is {case_now(race).state}")
    race.exactly(4, steps_of(race), "steps")
    race.entries(1, "cases.reopen_case")


def case_of(race: Race, n: int) -> dict:
    owner = race.world.officers[n].user.id
    return {"main_reason": f"{n + 1:02}", "second_reason": "", "owner": owner, "due_on": race.world.today.isoformat()}


def found_today(race: Race) -> dict:
    return {"origin": "report", "found_on": race.world.today.isoformat()}


def case_now(race: Race) -> Case:
    return Case.get_by_id(race.round.case.id)


def steps_of(race: Race) -> int:
    return CaseStep.select().where(CaseStep.case == race.round.case).count()


RACES = (
    same_number, edited_pupil, two_classes, closing_class, same_group, eight_guardians, same_case, edited_case, eight_follow_ups, closed_case,
    reopened_case, left_class,
)  # fmt: skip

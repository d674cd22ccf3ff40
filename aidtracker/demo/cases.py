"""The invented dropout cases: opened from the streaks of the rolls, followed up, promised, returned, closed, opened again."""

import random
from collections import Counter
from typing import NamedTuple

from aidtracker.cases.actions import close_case, open_case, reopen_case
from aidtracker.cases.actions_following import add_follow_up
from aidtracker.cases.models import Case
from aidtracker.cases.queries import visits_to_name
from aidtracker.cases.watch import returned_on, watch_days
from aidtracker.census.actions import register_child
from aidtracker.census.matching import lists_on, registered_not_enrolled
from aidtracker.census.models import ListedChild
from aidtracker.demo.known import Filled, days_of, shown_user
from aidtracker.demo.places import COUNTY
from aidtracker.demo.rolls import SHORTEST, Streak
from aidtracker.orgs.models import Org
from aidtracker.terms.calendar import school_days
from aidtracker.terms.days import ONE_DAY


class Act(NamedTuple):
    """A follow-up: so many days after the case was found (None: on the day on which the pupil was back), how, with what result."""

    after: int | None
    kind: str
    result: str
    words: str


CALLED = Act(0, "phone", "not_met", "打了三次电话没有人接，请村干部先去看看。")
REFUSED = Act(2, "on_site", "refused", "孩子躲在房间不见，家长说由他去，不肯上学。")
PROMISED = Act(3, "on_site", "promised", "和孩子谈了一个小时，答应下周一回校，家长会送。")
BROKEN = Act(7, "phone", "not_returned", "到了约定的日子没有来，家长说管不住。")
NOTICE = Act(9, "notice", "refused", "送达劝返复学通知书，家长签收，仍不愿送孩子返校。")
CHASED = Act(12, "chase", "not_met", "到打工的地方找人，已经换了住处。")
BACK = Act(None, "on_site", "returned", "班主任和村干部一起接回学校，安排了补课。")
STEADY = "返校后连续到校四周，回访时情绪稳定，作业能完成。"
# What was done about a streak of so many days; a streak of three is younger than its case, where it has one.
OPEN = {3: [], 5: [CALLED], 8: [CALLED, REFUSED, PROMISED], 12: [REFUSED, PROMISED, BROKEN, NOTICE], 17: [REFUSED, NOTICE, CHASED]}
OVER = [CALLED, REFUSED, PROMISED, BACK]
REASONS = ("01", "02", "03", "06", "07", "12", "14")
FOUND_BY = ("roll", "roll", "roll", "report")
DETAIL = ("成绩落后，说上学没意思。", "父母在外打工，跟着爷爷，管不住。", "跟着同村的人去了县城打零工。", "和同学闹了矛盾，不愿到校。")
UNMATCHED = (  # what became of children who are registered at home and enrolled nowhere here
    ("studying_elsewhere", "随父母在外县读三年级，已电话向该校教务处核实，就读证明存档。"),
    ("household", "派出所证明为重复户口，已注销其中一个。"),
    ("abroad", "村委会证明全家已出国三年。"),
    ("", ""),
)
RELAPSED = "返校后不到一个月，又连续没有到校。"


class Cases:
    """`out_of_school`: names of registered children who go to no school here."""

    def __init__(self, county: Filled, out_of_school: list[str], rng: random.Random):
        self.county, self.out_of_school, self.rng = county, out_of_school, rng
        self.township, self.bureau = shown_user("township_coordinator"), shown_user("bureau_staff")

    def fill(self) -> None:
        """A third of the youngest streaks wait for their case; so do the shown teachers' pupils of today."""
        here = [streak for streak in self.county.streaks if streak.register.room.school.county == COUNTY[0] and days_of(streak)[2:]]
        times = Counter(streak.number for streak in here)
        seen: dict[str, Case] = {}
        for n, streak in enumerate(here):
            if streak.number in seen:
                self.reopen(seen[streak.number], streak)
            elif streak.is_over or not self.is_waiting(streak, n):
                case = seen[streak.number] = self.open(streak, n)
                if streak.is_over and not streak.register.is_waiting and (n % 4 or times[streak.number] > 1):
                    self.close(case, streak, times[streak.number] > 1)
        self.open_unmatched()

    def is_waiting(self, streak: Streak, n: int) -> bool:
        return streak.register.is_waiting or (len(days_of(streak)) == SHORTEST and n % 3 > 0)

    def open(self, streak: Streak, n: int) -> Case:
        """On the third day, by the class teacher, who answers for it."""
        teacher, found_on = self.county.teacher_of(streak.register), days_of(streak)[2]
        student = self.county.student(streak.number)
        values = {
            "origin": self.rng.choice(FOUND_BY),
            "absent_from": streak.first,
            "found_on": found_on,
            "main_reason": self.rng.choice(REASONS),
            "detail": self.rng.choice(DETAIL),
            "owner": teacher.id,
        }
        case = open_case(student=student, values=values, by=teacher)
        acts = OVER if streak.is_over else OPEN[max(length for length in OPEN if length <= len(days_of(streak)))]
        self.follow(case, acts, streak, n, teacher)
        return case

    def follow(self, case: Case, acts: list[Act], streak: Streak, n: int, by) -> None:
        """Every second case is overdue: its next step was due three days after the last one, two weeks after a return."""
        back = next(iter(school_days(streak.last + ONE_DAY, self.county.on)), self.county.on) if streak.is_over else None
        for act in acts:
            on = back if act.after is None else min(case.found_on + act.after * ONE_DAY, streak.last)
            known = next((visit for visit in visits_to_name(case) if visit.on == on and act.kind == "on_site"), None)
            values = {
                "kind": act.kind,
                "on": on,
                "people": f"{by.name}、村干部" if act.kind == "on_site" else by.name,
                "result": act.result,
                "words": act.words,
                "visit": known.id if known else None,
            }
            if act.result != "not_met":
                values |= {"person_met": self.rng.choice(("父亲", "母亲", "祖母")), "relation": "监护人"}
            values["next_on"] = on + (14 if act is BACK else 3) * ONE_DAY if n % 2 == 0 or act is not acts[-1] else None
            add_follow_up(case=Case.get_by_id(case.id), values=values, by=by)

    def close(self, case: Case, streak: Streak, relapses: bool) -> None:
        """By the township, where it has an account, else by the bureau; when the watch period is over. Who is in it still stays open."""
        case = Case.get_by_id(case.id)
        near = case.school.path.startswith(self.township.memberships[0].org.path)
        until = watch_days(case, returned_on(case) or streak.last)[1]
        if not relapses and until > self.county.yesterday:
            return
        outcome, closed_on = ("studying_here", min(self.county.yesterday, streak.last + 14 * ONE_DAY)) if relapses else ("returned", until)
        by = self.township if near else self.bureau
        close_case(case=case, revision=case.revision, outcome=outcome, conclusion=STEADY, closed_on=closed_on, by=by)

    def reopen(self, case: Case, streak: Streak) -> None:
        """After a relapse."""
        teacher = self.county.teacher_of(streak.register)
        values = {"origin": "roll", "absent_from": streak.first, "found_on": days_of(streak)[2], "owner": teacher.id}
        case = reopen_case(case=Case.get_by_id(case.id), values=values, reason=RELAPSED, by=teacher)
        self.follow(case, [CALLED._replace(after=1)], streak, 0, teacher)

    def open_unmatched(self) -> None:
        """Children of the household registry who have no record here get one, and a case; most turn out to be elsewhere."""
        county = Org.get(Org.code == COUNTY[0])
        lists = lists_on(county.id, self.county.on)
        unknown = registered_not_enrolled(lists) & ListedChild.name.in_(self.out_of_school)
        children = ListedChild.select().where(unknown).order_by(ListedChild.id.desc()).limit(len(UNMATCHED))
        for child, (outcome, conclusion) in zip(children, UNMATCHED, strict=False):
            student = register_child(child=child, by=self.bureau)
            found_on = max(self.county.first, self.county.on - 20 * ONE_DAY)
            values = {"origin": "matching", "found_on": found_on, "main_reason": "08", "detail": "户籍在册，本县没有学籍。"}
            case = open_case(student=student, values=values, by=self.bureau)
            if outcome:
                close_case(
                    case=case, revision=case.revision, outcome=outcome, conclusion=conclusion,
                    closed_on=max(found_on, self.county.on - 6 * ONE_DAY), by=self.bureau,
                )  # fmt: skip

"""因病缺课: the symptoms, which of them spread, and when like cases in a class or a school are an alert (聚集性病例)."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from aidtracker.terms.days import ONE_DAY

SYMPTOMS = {
    "fever": "发热", "cough": "咳嗽", "rash": "皮疹", "vomiting": "呕吐", "diarrhoea": "腹泻", "parotid": "腮腺肿大", "red_eye": "红眼",
    "injury": "受伤", "other": "其他",
}  # fmt: skip
ALIKE = tuple(code for code in SYMPTOMS if code not in ("injury", "other"))  # of which several cases may have one cause
IN_THE_MORNING = {"发热": ("fever",), "咳嗽": ("cough",), "呕吐腹泻": ("vomiting", "diarrhoea"), "皮疹": ("rash",)}  # 身体不适 of 晨检
INFECTIOUS = {  # by the county's choice: after which a 复课证明 is asked for
    "rash": ("rash", "parotid", "red_eye"),
    "wide": ("fever", "rash", "vomiting", "diarrhoea", "parotid", "red_eye"),
    "none": (),
}
LONGEST_MEASURES = 500  # characters
DAYS = 3  # days in a row, of the calendar


class IllCase(NamedTuple):
    """One pupil on one day, with the codes of what they have."""

    student_id: int
    class_id: int
    on: datetime.date
    symptoms: frozenset


class Limits(NamedTuple):
    in_a_day: int
    in_three_days: int


def alerts_of(cases: Iterable[IllCase], first: datetime.date, last: datetime.date, limits: Callable[[datetime.date], Limits]) -> dict[tuple, int]:
    """{(class id or None for the school, day, symptom): pupils}, of one school's cases, for the days from first to last.

    3 in one class on one day; 5 in the school within the three days that end with the day, on which there was a case too.
    """
    rooms, school = defaultdict(set), defaultdict(set)
    for case in cases:
        for symptom in case.symptoms.intersection(ALIKE):
            rooms[case.class_id, case.on, symptom].add(case.student_id)
            school[case.on, symptom].add(case.student_id)
    found = {key: len(pupils) for key, pupils in rooms.items() if first <= key[1] <= last and len(pupils) >= limits(key[1]).in_a_day}
    for day, symptom in school:
        near = set().union(*(school.get((day - ONE_DAY * back, symptom), set()) for back in range(DAYS)))
        if first <= day <= last and len(near) >= limits(day).in_three_days:
            found[None, day, symptom] = len(near)
    return found


def codes_of(kept: str) -> list[str]:
    """In the order of the list; what a later version knows no more stays as it was written."""
    codes = [code for code in kept.split(",") if code]
    return [code for code in SYMPTOMS if code in codes] + [code for code in codes if code not in SYMPTOMS]


def label_of(code: str) -> str:
    return SYMPTOMS.get(code, code)

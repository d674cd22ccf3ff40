"""Whether a child who is being typed in is in the county's register already: by an ID, a name and birthday, or a telephone."""

from aidtracker.crypto.keyed_index import keyed, normalise_id
from aidtracker.students.former import ids_by_former
from aidtracker.students.models import Guardian, Student, phone_digits

MOST = 5


def possible_twins(values: dict, county_id: int, own_id: int | None = None, bears_it_now: bool = False) -> list[int]:
    """Ids, whoever may see them: once the same number, the same name, birthday and sex, the same telephone and year of birth."""
    now = by_number_now(values, county_id) if bears_it_now else []
    found = now + by_number(values, county_id) + by_name(values, county_id) + by_phone(values, county_id)
    return [student_id for student_id in dict.fromkeys(found) if student_id != own_id][:MOST]


def by_number(values: dict, county_id: int) -> list[int]:
    """Who bore the number once; that somebody bears it now is refused when it is saved."""
    numbers = {kind: normalise_id(values.get(kind) or "") for kind in ("id_number", "student_number")}
    return [student_id for kind, number in numbers.items() if number for student_id in ids_by_former([county_id], kind, number)]


def by_number_now(values: dict, county_id: int) -> list[int]:
    columns = {"id_number": (Student.id_index, "index_id"), "student_number": (Student.student_number_index, "index_student_number")}
    numbers = {kind: normalise_id(values.get(kind) or "") for kind in columns}
    asked = [columns[kind][0] == keyed(columns[kind][1], number) for kind, number in numbers.items() if number]
    return [student_id for same in asked for student_id in ids_where((Student.county == county_id) & same)]


def by_name(values: dict, county_id: int) -> list[int]:
    if not (values.get("name") and values.get("born_on") and values.get("sex")):
        return []
    alike = (Student.name == values["name"]) & (Student.born_on == values["born_on"]) & (Student.sex == values["sex"])
    return ids_where((Student.county == county_id) & alike)


def by_phone(values: dict, county_id: int) -> list[int]:
    digits, born_on = phone_digits(values.get("phone") or ""), values.get("born_on")
    if not digits or not born_on:
        return []
    index = keyed("index_phone", digits)
    guarded = Guardian.select(Guardian.student).where(Guardian.phone_index == index)
    same_year = Student.born_on.between(born_on.replace(month=1, day=1), born_on.replace(month=12, day=31))
    return ids_where((Student.county == county_id) & same_year & ((Student.phone_index == index) | Student.id.in_(guarded)))


def ids_where(condition) -> list[int]:
    standing = condition & Student.merged_into.is_null()
    return [student_id for (student_id,) in Student.select(Student.id).where(standing).order_by(Student.id).limit(MOST).tuples()]

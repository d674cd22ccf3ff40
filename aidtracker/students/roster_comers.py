"""Who sits in no class and stands in a school's roster: whom it may take in, and who comes by a paper first."""

from aidtracker.db import chunks_of
from aidtracker.students.models import Student
from aidtracker.students.models_moves import Move
from aidtracker.students.queries import visible_students

GONE = ("suspend", "transfer_out", "move_away", "abroad", "custody", "defer")  # comes back by a move of its own
SAME = ("name", "sex", "born_on")
OPENS = "follow"  # the change of the spells that brings a child into a class
REWRITES = "correct"  # the one that says where it sat until it left
DEAD = "这名学生已登记死亡，不能编入班级。请核对号码；如果登记错了，请教育局先撤销死亡登记。"
AWAY = "这名学生已办离校（休学、转出等）。请教育局或乡镇先办理复学或转入，再导入。"
ANOTHER = "这个号码在系统里是另一名学生。请核对姓名、性别、出生日期；号码没错的话，请教育局导入。"


class Comers:
    """Of the pupils that a roster names: the last move of each that sits in no class, and which of them `by` sees anyway."""

    def __init__(self, present: dict, by):
        ids = sorted(id_ for id_, known in present.items() if known.school_path is None)
        self.last, self.seen = last_moves(ids), seen_of(ids, by)

    def refusal(self, row, known) -> str:
        """Why this row may not be written; '' when it may, and of everybody who sits in a class."""
        if known.school_path is not None or not row.changes:
            return ""
        last, change = self.last.get(known.id, ""), row.changes.get("spell", "")
        if last == "die" and change == OPENS:
            return DEAD
        if known.id in self.seen:
            return ""
        if last in GONE or change == REWRITES:
            return AWAY
        return "" if all(row.values.get(name) == known.values[name] for name in SAME) else ANOTHER


def last_moves(ids: list[int]) -> dict[int, str]:
    """{student id: kind} of the last one that holds; a death counts whatever was written after it."""
    found: dict[int, str] = {}
    for some in chunks_of(ids):
        asked = Move.select(Move.student, Move.kind).where(Move.student.in_(some) & Move.withdrawn_at.is_null()).order_by(Move.id)
        for student_id, kind in asked.tuples():
            if found.get(student_id) != "die":
                found[student_id] = kind
    return found


def seen_of(ids: list[int], by) -> set[int]:
    """Who is in the importer's own scope, by class or by registered home."""
    mine = visible_students(by) if by is not None else Student.select()
    return {id_ for some in chunks_of(ids) for (id_,) in mine.select(Student.id).where(Student.id.in_(some)).tuples()}

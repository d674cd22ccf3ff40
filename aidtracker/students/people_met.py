"""Whom somebody met who went to see a pupil: a guardian by name, the pupil, somebody else, or nobody."""

from aidtracker.phrases import Phrase
from aidtracker.students.models import Guardian

SELF, NOBODY, OTHER = "self", "nobody", "other"
MET = {SELF: "学生本人", NOBODY: "没有见到人", OTHER: "其他人"}


def people_to_meet(guardians: list[Guardian]) -> list[tuple[str, str]]:
    """(code, words for said()) to choose from, the guardians first."""
    return [*((str(each.position), guardian_words(each)) for each in guardians), *((code, Phrase(words)) for code, words in MET.items())]


def guardian_words(guardian: Guardian) -> str:
    if not guardian.relation:
        return guardian.name
    return Phrase("%(name)s（%(relation)s）", name=guardian.name, relation=Phrase(guardian.relation))


def person_met(code: str, guardians: list[Guardian], other: tuple[str, str]) -> tuple[str, str]:
    """(name, relation) as they are kept; `other` is what was typed of somebody else."""
    if code == OTHER:
        return other
    known = next((each for each in guardians if str(each.position) == code), None)
    return (known.name, known.relation) if known else ("", MET.get(code, ""))


def code_of(name: str, relation: str, guardians: list[Guardian]) -> str:
    """Which of the choices stands."""
    known = next((str(each.position) for each in guardians if (each.name, each.relation) == (name, relation)), "")
    return known or next((code for code in (SELF, NOBODY) if relation == MET[code]), OTHER)

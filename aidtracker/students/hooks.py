"""What rooms above hang on a pupil's place, and do when a transferred child does not arrive; create_app fills these lists."""

from collections.abc import Callable
from typing import NamedTuple

from aidtracker.phrases import Phrase


class Urgent(NamedTuple):
    """What stands above every tab of a pupil until it is done: in words, with the rule that asks for it, and where it is done."""

    words: Phrase
    rule: Phrase
    endpoint: str  # '' for whoever only reads it
    query: dict


# Called with (ids of pupils, ids of the classes that they came into, first day of their new spells, since when it stands):
# what was written meanwhile and hangs on those spells, in words, or None.
what_hangs_on_spells: list[Callable] = []
# Called with (transfer), inside its transaction: the deadline has passed and nobody came.
when_a_transfer_is_missed: list[Callable] = []
# Called with (spell) before it is taken back; raises Refused while something was recorded of the child in that class since.
when_a_spell_is_taken_back: list[Callable] = []
# Called with (student, user), of whoever may see the pupil: [Urgent].
what_is_urgent: list[Callable] = []

# Called with (id of a pupil, id of a user): {table: rows of that pupil of which this person may not know}.
what_is_kept_from: list[Callable] = []
# Called with ([student], by) before two records become one, or are parted; raises Forbidden where something is kept from who does it.
when_records_change_hands: list[Callable] = []


def kept_rows(student_id: int, user_id: int) -> dict[str, int]:
    return {table: number for ask in what_is_kept_from for table, number in ask(student_id, user_id).items()}


def refuse_where_kept(students: list, by) -> None:
    for refuse in when_records_change_hands:
        refuse(students, by)


def urgent_of(student, user) -> list[Urgent]:
    return [each for ask in what_is_urgent for each in ask(student, user)]


def hanging_on(student_ids: list[int], class_ids: list[int], day, since) -> list:
    return [words for ask in what_hangs_on_spells if (words := ask(student_ids, class_ids, day, since))]

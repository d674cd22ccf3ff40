"""What rooms above hang on a pupil's place, and do when a transferred child does not arrive; create_app fills these lists."""

from collections.abc import Callable

# Called with (ids of pupils, ids of the classes that they came into, first day of their new spells, since when it stands):
# what was written meanwhile and hangs on those spells, in words, or None.
what_hangs_on_spells: list[Callable] = []
# Called with (transfer), inside its transaction: the deadline has passed and nobody came.
when_a_transfer_is_missed: list[Callable] = []
# Called with (spell) before it is taken back; raises Refused while something was recorded of the child in that class since.
when_a_spell_is_taken_back: list[Callable] = []


def hanging_on(student_ids: list[int], class_ids: list[int], day, since) -> list:
    return [words for ask in what_hangs_on_spells if (words := ask(student_ids, class_ids, day, since))]

"""What rooms above hang on a pupil's place, and do when a transferred child does not arrive; create_app fills these lists."""

from collections.abc import Callable

# Called with (transfer), inside its transaction: the deadline has passed and nobody came.
when_a_transfer_is_missed: list[Callable] = []
# Called with (spell) before it is taken back; raises Refused while something was recorded of the child in that class since.
when_a_spell_is_taken_back: list[Callable] = []

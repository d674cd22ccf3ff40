"""What each mark counts as."""

from hypothesis import given
from hypothesis import strategies as st

from aidtracker.attendance.marks import COUNTS, MARKS, counts_of


@given(st.lists(st.sampled_from(list(MARKS))), st.integers(0, 60))
def test_present_and_whoever_was_not_make_up_the_expected(marks, others):
    counts = counts_of(marks, len(marks) + others)
    assert counts["expected"] == counts["present"] + counts["sick_leave"] + counts["personal_leave"] + counts["unexcused"]
    assert sum(counts[name] for name in COUNTS) == len([mark for mark in marks if mark != "unwell"])
    assert counts["present"] == others + sum(MARKS[mark].is_present for mark in marks)


def test_late_and_left_early_are_present_and_unexplained_counts_as_unexcused():
    counts = counts_of(["late", "left_early", "official", "unexplained", "not_returned", "isolated"], 10)
    assert (counts["present"], counts["unexcused"], counts["sick_leave"]) == (7, 2, 1)

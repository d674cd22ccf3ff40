"""Mistakes that somebody might make with children's places, and the registry drill must find."""

import datetime

from aidtracker.students.models import Enrollment, Student
from aidtracker.students.roster_parts import keep_in_step
from tests.drills.drill import Bug, swapped

ROOM = "aidtracker.students"
ONE_DAY = datetime.timedelta(days=1)


def replaced(place: str, function):
    return lambda: swapped(f"{ROOM}.{place}", lambda _real: function)


def around(place: str, other):
    return lambda: swapped(f"{ROOM}.{place}", other)


def follow_only(changer, row):
    Enrollment.update(ends_on=changer.starts_on).where((Enrollment.student == row.known.id) & Enrollment.ends_on.is_null()).execute()
    changer.add_spell(row, None)
    keep_in_step(row.known.id)
    changer.note("change_class", row, None)


def nothing(*_args, **_kwargs):
    return None


def day_late(real):
    def close(students, left_on):
        real(students, left_on)
        Enrollment.update(ends_on=left_on + ONE_DAY).where(Enrollment.student.in_(students) & (Enrollment.ends_on == left_on)).execute()

    return close


def overlapping(real):
    def open_new(student, class_org, mode, seat, starts_on):
        spell = real(student, class_org, mode, seat, starts_on)
        Enrollment.update(ends_on=starts_on).where((Enrollment.student == student) & (Enrollment.ends_on == starts_on - ONE_DAY)).execute()
        return spell

    return open_new


def class_left_behind(real):
    def keep(student, class_org, mode):
        real(student, class_org, mode)
        Student.update(mode="day").where(Student.id == student.id).execute()

    return keep


def told_twice(real):
    def told(*args, **kwargs):
        real(*args, **kwargs)
        real(*args, **kwargs)

    return told


def nobody_on_the_way(real):
    def sittings_of(school_id):
        pupils = real(school_id)
        for pupil in pupils:
            pupil.has_transfer = False
        return pupils

    return sittings_of


def lying_over(real):
    def overlapping(kept, dropped):
        free, over = real(kept, dropped)
        return free + [spell for spell in over if spell.ends_on is not None], [spell for spell in over if spell.ends_on is None]

    return overlapping


def without_theirs(real):
    def take_spells(kept, dropped):
        taken = real(kept, dropped)
        Enrollment.delete().where(Enrollment.id.in_(taken["moved"])).execute()
        return taken

    return take_spells


def none_brought_back(real):
    return lambda kept, dropped, journal, save: real(kept, dropped, journal | {"spells": journal["spells"] | {"gone": []}}, save)


def bug(name: str, what: str, plant) -> Bug:
    return Bug("registry", name, what, plant, rounds=12)


BUGS = (
    bug("day-late", "who leaves sits there one day more", around("actions_placing.close_spells", day_late)),
    bug("overlapping", "the old spell ends on the day on which the new one begins", around("actions_placing.open_new_spell", overlapping)),
    bug("no-reason", "a spell ends and no move says why", replaced("move_rows.add_moves", nothing)),
    bug("mode-left-behind", "the pupil's own mode is not that of the open spell", around("actions_placing.keep_in_step", class_left_behind)),
    bug("told-twice", "one act is two entries of the trail", around("actions_placing.told", told_twice)),
    bug("dead-return", "somebody who died is enrolled", replaced("actions_placing.refuse_dead", nothing)),
    bug("not-the-last", "a move is taken back that others followed", replaced("actions_moving.refuse_late_withdrawal", nothing)),
    bug("former-forgotten", "a number that was replaced finds nobody", replaced("keeping.keep_number", nothing)),
    bug("undo-in-the-way", "a split is undone though its pupils moved on", replaced("actions_undoing.in_the_way", lambda *_args: [])),
    bug("neighbour-stays", "a spell is corrected and the one before it keeps its last day", replaced("actions_correcting.move_before", nothing)),
    bug("merger-lays-over", "a merger takes spells along that lie over those of the other record", around("merging.overlapping", lying_over)),
    bug("merger-forgets", "a merger loses the spells of the record that it drops", around("merge_journal.take_spells", without_theirs)),
    bug("parted-poorer", "a merger is withdrawn and the spells that it had dropped stay away", around("merge_journal.restore", none_brought_back)),
    bug("dead-by-roster", "a roster brings somebody who died back into a class", replaced("roster_comers.Comers.refusal", lambda *_args: "")),
    bug("roster-doubles", "a roster's new class begins and the old one goes on", replaced("roster_change.Changer.follow_spell", follow_only)),
    bug("held-ignored", "who is on the way to another school is rolled over", around("rollover.sittings_of", nobody_on_the_way)),
)

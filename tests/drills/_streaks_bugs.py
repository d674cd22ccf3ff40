"""Mistakes that somebody might make with early warning, and the streaks drill must find."""

from aidtracker.db import today_in_china
from tests.drills.drill import Bug, swapped

ROOM = "aidtracker.attendance"


def replaced(place: str, function):
    return lambda: swapped(place, lambda _real: function)


def around(place: str, other):
    return lambda: swapped(place, other)


def only_today(real):
    def look(roll):
        if roll.on == today_in_china():
            real(roll)

    return look


def any_session(real):
    def back_over(self, days, reported, unexcused):
        real(self, days, {key: min(count, 1) for key, count in reported.items()}, {key: min(count, 1) for key, count in unexcused.items()})

    return back_over


def never_by_the_calendar(real):
    return lambda away, after, today, _unit: real(away, after, today, "school")


def nothing(*_args, **_kwargs):
    return None


def bug(name: str, what: str, plant) -> Bug:
    return Bug("streaks", name, what, plant, rounds=12)


BUGS = (
    bug("asked-again", "a slip that was undone asks for the same once more", replaced(f"{ROOM}.early_warning.former_of", nothing)),
    bug("never-ended", "who is back is still warned of", replaced(f"{ROOM}.early_warning.end_warnings", nothing)),
    bug("late-unseen", "a roll that comes late warns of nobody", around(f"{ROOM}.early_warning.look_at_roll", only_today)),
    bug("closed-unseen", "days that are closed later still count", replaced(f"{ROOM}.early_warning.look_at_calendar", nothing)),
    bug("half-day", "who missed one session was away the whole day", around(f"{ROOM}.streaks.Walk.back_over", any_session)),
    bug("school-days-only", "a county that counts by the calendar is not heard", around(f"{ROOM}.ladder.nth_day", never_by_the_calendar)),
    bug("no-case", "疑似辍学 opens no case", replaced("aidtracker.cases.actions_found.open_for_streak", nothing)),
    bug("silent-unheard", "a class that takes no roll is nobody's task", replaced(f"{ROOM}.silence.silent_since", lambda *_args: {})),
    bug("rate-unwatched", "who comes too seldom is named by nobody", replaced(f"{ROOM}.rates.seldom_there", lambda *_args: {})),
    bug("withdrawn-left-open", "the task of a warning that is over stays open", replaced("aidtracker.tasks.asking.withdraw_tasks", nothing)),
)

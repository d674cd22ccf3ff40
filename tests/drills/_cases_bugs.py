"""Mistakes that somebody might make with cases, and the cases drill must find."""

from aidtracker.cases.models import Case
from aidtracker.cases.models_notice import Notice
from aidtracker.permissions import Permission
from tests.drills.drill import Bug, swapped

ROOM = "aidtracker.cases"


def replaced(place: str, function):
    return lambda: swapped(place, lambda _real: function)


def nothing(*_args, **_kwargs):
    return None


def uncounted(case):
    """A follow-up that is no change of the case."""
    return Case.select(Case.state).where(Case.id == case.id).scalar()


def closed_are_out(real):
    return lambda state, outcome, number: real(state, outcome, number)._replace(outside=number * (state == "closed"))


class Anybody:
    def __iter__(self):
        return iter((n, "") for n in range(99))


def bug(name: str, what: str, plant) -> Bug:
    return Bug("cases", name, what, plant, rounds=160)


BUGS = (
    bug("township-alone", "a township closes alone where the bureau has to approve", replaced(f"{ROOM}.closings.closes_at_once", lambda user, _case: user.may(Permission.CASE_CLOSE))),
    bug("own-approved", "who asked approves it", replaced(f"{ROOM}.actions_closing.waiting", lambda closing, _by: type(closing).get_by_id(closing.id))),
    bug("changed-approved", "what changed since it was asked is approved all the same", replaced(f"{ROOM}.actions_following.lock_case", uncounted)),
    bug("no-evidence", "any outcome ends a case, with words or without", replaced(f"{ROOM}.refusals.refuse_ending", nothing)),
    bug("unwatched", "已复学 on the day of the return", replaced(f"{ROOM}.refusals.refuse_while_watched", nothing)),
    bug("still-away", "a child who stays away is closed as at school", replaced(f"{ROOM}.refusals.refuse_still_away", nothing)),
    bug("untold-step", "a follow-up moves the case without a step", replaced(f"{ROOM}.actions_following.add_step", nothing)),
    bug("task-left", "a task that was done stays open", replaced(f"{ROOM}.case_tasks.fulfil", nothing)),
    bug("anybody-takes", "whoever works for the child answers a handover", replaced(f"{ROOM}.handovers.may_answer", lambda _user, _handover: True)),
    bug("number-skipped", "a 文号 is left out", replaced(f"{ROOM}.actions_notice.next_number", lambda office, *_: 2 * Notice.select().where(Notice.office == office).count() + 1)),
    bug("number-twice", "a 文号 is given twice", replaced(f"{ROOM}.actions_notice.next_number", lambda *_: 1)),
    bug("unserved-served", "what nobody took counts as served", replaced(f"{ROOM}.actions_notice.refuse_service", nothing)),
    bug("unnamed-works", "somebody who is not named works on a sealed case", replaced(f"{ROOM}.refusals.is_kept_from", lambda *_: False)),
    bug("sealed-listed", "a sealed case stands in everybody's list", replaced(f"{ROOM}.queries.shown_to", lambda _user_id: Case.id > 0)),
    bug("glance-untold", "a look in need is told to nobody", replaced(f"{ROOM}.actions_sealing.people_told", lambda *_: [])),
    bug("closed-counted", "whoever is closed leaves the denominator", lambda: swapped(f"{ROOM}.counting.counted", closed_are_out)),
    bug("outsider-owner", "anybody becomes the owner", replaced(f"{ROOM}.actions_handover.owners_at", lambda _handover: Anybody())),
)

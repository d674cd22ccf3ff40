"""What was handed to somebody who leaves: their successor's where that one may see the place, else whoever answers for it again."""

from aidtracker.accounts.hooks import OpenWork
from aidtracker.phrases import Phrase
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import OPEN, people_for


def handed_to(user):
    return Task.select().where(OPEN & (Task.person == user)).order_by(Task.id)


def leaves_open(user) -> OpenWork:
    return OpenWork(Phrase("转交到名下的待办"), handed_to(user).count(), Phrase("转给接手的人；接手的人管不到的，退回给原来的单位"))


def hand_tasks_over(user, successor, _by) -> int:
    """Inside the caller's transaction and under its entry."""
    found = list(handed_to(user))
    for task in found:
        fits = successor.id in dict(people_for(task))
        Task.update(person=successor if fits else None).where(Task.id == task.id).execute()
    return len(found)

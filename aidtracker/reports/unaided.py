"""监测对象未受助: listed children, monitored on the day, whose aid of the term has not reached them."""

import peewee

from aidtracker.aid.models import Payment
from aidtracker.census.matching import ONE, Lists, monitored, on_list
from aidtracker.census.models import ListedChild
from aidtracker.students.models import Student
from aidtracker.terms.calendar import term_of


def monitored_on(lists: Lists):
    """A condition on ListedChild."""
    return on_list(lists.monitored_households) & monitored(ListedChild, lists.on)


def without_aid(lists: Lists):
    """A condition on ListedChild: no payment of any programme that arrived, for the term that the day falls in, whatever day it was paid.

    What the bank sent back, or has not sent yet, is no aid.
    """
    paid = Payment.select(ONE).join(Student, on=(Payment.student == Student.id))
    here = (Student.county == lists.county_id) & (Student.id_index == ListedChild.id_index)
    arrived = (Payment.term == term_of(lists.on).code) & (Payment.status == "paid")
    return monitored_on(lists) & ~peewee.fn.EXISTS(paid.where(here & arrived))

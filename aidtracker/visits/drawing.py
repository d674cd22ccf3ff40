"""Which visits of a month are phoned back: a share of each school's or township's, by a keyed digest, so that nobody foresees or chooses."""

import datetime
import math
from typing import NamedTuple

import peewee

from aidtracker.crypto.keyed_index import keyer
from aidtracker.db import CHINA
from aidtracker.orgs.models import Org
from aidtracker.policies.queries import policies_of
from aidtracker.terms.days import ONE_DAY
from aidtracker.visits.models import Visit, VisitStudent
from aidtracker.visits.models_calls import CallDraw
from aidtracker.visits.quotas import months_of, span_of

KEYS = ("call_back_share", "call_back_each")


class Drawn(NamedTuple):
    """Of one place: how many visits there were, and those that were drawn of them."""

    place_id: int
    visits: int
    visit_ids: list[int]


def months_to_draw(county_id: int, today: datetime.date) -> list[str]:
    """Whole months since the last one that was drawn; where none was, the last one."""
    last_day = today.replace(day=1) - ONE_DAY
    drawn = CallDraw.select(peewee.fn.MAX(CallDraw.month)).where(CallDraw.county == county_id).scalar()
    first_day = span_of(drawn)[1] + ONE_DAY if drawn else last_day
    return months_of(first_day, last_day) if first_day <= last_day else []


def drawn_of(county_id: int, month: str) -> tuple[int, list[Drawn]]:
    """(share in %, what is drawn at each place); the county itself is always among them. By the rules of the month's last day."""
    rules = policies_of(KEYS, county_id, span_of(month)[1])
    share, digest, by_place = int(rules["call_back_share"]), keyer("index_draw"), {county_id: []}
    for visit_id, uid, place_id in placed(county_id, month, str(rules["call_back_each"])):
        by_place.setdefault(place_id, []).append((digest(f"{month} {uid}"), visit_id))
    return share, [Drawn(place_id, len(found), [id_ for _digest, id_ in sorted(found)[: number_of_calls(len(found), share)]]) for place_id, found in sorted(by_place.items())]


def number_of_calls(visits: int, share: int) -> int:
    """At least one where there is a visit."""
    return math.ceil(visits * share / 100)


def placed(county_id: int, month: str, each: str) -> list[tuple[int, str, int]]:
    """(visit, its uid, the place it counts for) of those recorded in the month; what came in a workbook is history."""
    since, until = (datetime.datetime.combine(day, datetime.time()) - CHINA for day in (span_of(month)[0], span_of(month)[1] + ONE_DAY))
    recorded = (Visit.county == county_id) & ~Visit.is_imported & (Visit.recorded_at >= since) & (Visit.recorded_at < until)
    asked = Visit.select(Visit.id, Visit.uid, peewee.fn.MIN(VisitStudent.school)).join(VisitStudent).where(recorded).group_by(Visit.id, Visit.uid)
    rows = list(asked.tuples())
    above = dict(Org.select(Org.id, Org.parent).where((Org.county == county_id) & (Org.kind == "school")).tuples()) if each == "township" else {}
    return [(id_, uid, above.get(school, school) or county_id) for id_, uid, school in rows]

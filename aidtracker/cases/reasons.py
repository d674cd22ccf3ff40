"""Reasons for staying away (辍学原因): the codes that every county shares, under the names that a county has for them."""

from aidtracker.cases.models import REASONS
from aidtracker.cases.models_reasons import ReasonName


def local_names(county_id: int) -> dict[str, str]:
    """{code: the county's own name}, of those that it calls otherwise."""
    return dict(ReasonName.select(ReasonName.code, ReasonName.label).where(ReasonName.county == county_id).tuples())


def reasons_of(county_id: int) -> dict[str, str]:
    return REASONS | local_names(county_id)

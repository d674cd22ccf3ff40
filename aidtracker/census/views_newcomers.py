"""Children who reach school age, against those who came: by township and village, and one by one."""

from flask import render_template, request
from flask_login import current_user

from aidtracker.census import listing, matching, newcomers
from aidtracker.census.known import Known, known_pupils, places_now
from aidtracker.census.views_asking import counties_asked, filters_asked, without_number
from aidtracker.census.views_blueprint import blueprint
from aidtracker.crypto.masking import mask_id
from aidtracker.db import today_in_china
from aidtracker.permissions import Permission, requires
from aidtracker.students.search import is_number
from aidtracker.web.addresses import number_or_none
from aidtracker.web.paging import paginate

P = Permission


@blueprint.get("/newcomers")
@requires(P.CENSUS_VIEW)
def list_newcomers():
    """?school-year=, this calendar year when left out; ?township= its villages; ?state= the list."""
    counties, county = counties_asked()
    if is_number(request.args.get("q", "")):
        return without_number()
    today = today_in_china()
    years = (today.year - 1, today.year, today.year + 1)
    year = number_or_none(request.args.get("school-year"))
    cohort, lists = newcomers.cohort_of(county.id, year if year in years else today.year), matching.lists_on(county.id, today)
    state = request.args.get("state", "none")
    state = state if state in newcomers.STATES else "none"
    filters = filters_asked()
    lines, total = newcomers.figures(current_user, lists, cohort, county, filters.township)
    page = paginate(newcomers.listed(current_user, lists, cohort, state, filters))
    shown = {"counties": counties, "county": county, "years": years, "cohort": cohort, "list": lists.household_registry, "day": today, "state": state}
    shown |= {"lines": lines, "total": total, "page": page, "rows": rows_of(page.items, state, county), "filters": filters, "STATES": newcomers.STATES}
    townships, sees_outside = listing.townships_of(current_user, county), current_user.may(P.CENSUS_VIEW, county)
    is_narrowed = bool(filters.township or filters.is_outside or filters.text)
    return render_template("census/list_newcomers.html", **shown, townships=townships, sees_outside=sees_outside, is_narrowed=is_narrowed)


def rows_of(items: list, state: str, county) -> list[tuple]:
    """(child or pupil, masked number, what is known of the pupil's class)."""
    if state == "extra":
        places = places_now([pupil.id for pupil in items])
        return [(pupil, mask_id(pupil.id_number), Known(pupil.id, True, *places.get(pupil.id, ("", "", None)))) for pupil in items]
    known = known_pupils(current_user, county.id, items)
    return [(child, mask_id(child.id_number), known.get(bytes(child.id_index))) for child in items]

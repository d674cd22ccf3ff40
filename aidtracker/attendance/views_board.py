"""点名情况: who has reported and who has not, who is often late, as pages and as workbooks."""

import datetime
import io
from typing import NamedTuple

from flask import abort, render_template, request, send_file
from flask_login import current_user

from aidtracker.attendance.actions_exporting import export_list
from aidtracker.attendance.board import Board, Line, board_of
from aidtracker.attendance.board_sheet import board_table, often_table
from aidtracker.attendance.often_late import DAYS, often_late
from aidtracker.attendance.queries import place_in_county, places_below, top_places
from aidtracker.attendance.reminding import reminder
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.attendance.sweeps import current_round
from aidtracker.attendance.views_blueprint import blueprint
from aidtracker.attendance.windows import may_take
from aidtracker.audit.anchors import short_anchor
from aidtracker.db import today_in_china, utcnow
from aidtracker.excel.writer import write_table
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import ancestors_of, visible_org
from aidtracker.permissions import Permission, requires
from aidtracker.policies.queries import number_of
from aidtracker.terms.calendar import is_school_day, why_closed
from aidtracker.terms.days import Calendar
from aidtracker.web.addresses import number_or_none
from aidtracker.web.downloads import XLSX
from aidtracker.web.fields import parse_day
from aidtracker.web.filters import local
from aidtracker.web.paging import page_of

ONLY = {"unreported": lambda line: not line.is_complete(), "late": Line.is_late, "free": Line.is_free}
REFRESHED = 30  # seconds


class Asked(NamedTuple):
    """What the address asks for: a day, a place, a filter."""

    on: datetime.date
    org: Org | None
    places: list[Org]
    only: str


def asked() -> Asked:
    on, number = parse_day(request.args.get("on", "")) or today_in_china(), number_or_none(request.args.get("org"))
    org = None if number is None else visible_org(current_user, number, Permission.ROLL_VIEW)
    places = places_below(org) if org else top_places(current_user)
    if org is None and len(places) == 1 and places[0].kind != "class":
        org, places = places[0], places_below(places[0])
    only = request.args.get("only", "")
    return Asked(on, org, places, only if only in ONLY else "")


def board_asked(wanted: Asked) -> Board | None:
    """None on a day without school, or one to come."""
    county, school = county_and_school(wanted)
    is_open = wanted.on <= today_in_china() and has_school(wanted.on, county, school)
    return board_of(wanted.places, wanted.on, local(utcnow())) if is_open else None


def county_and_school(wanted: Asked) -> tuple[int | None, int | None]:
    places = wanted.places
    return (places[0].county_id, school_of(wanted.org or places[0])) if places else (None, None)


def shown_lines(board: Board | None, only: str) -> list[Line]:
    return [line for line in board.lines if not only or ONLY[only](line)] if board else []


@blueprint.get("/roll")
@requires(Permission.ROLL_VIEW)
def show_board():
    """Today, or ?on=; the reader's places, or those below ?org=; ?only=unreported, late, free."""
    wanted, today = asked(), today_in_china()
    board, org, on = board_asked(wanted), wanted.org, wanted.on
    may_submit = bool(wanted.places) and all(current_user.may(Permission.ROLL_SUBMIT, place) for place in wanted.places)
    return render_template(
        "attendance/show_board.html",
        SESSIONS=SESSIONS,
        org=org,
        above=[place for place in ancestors_of(org) if current_user.may(Permission.ROLL_VIEW, place)] if org else [],
        on=on,
        today=today,
        now=local(utcnow()),
        board=board,
        sees_pupils=current_user.may(Permission.STUDENT_VIEW),
        lines=shown_lines(board, wanted.only),
        only=wanted.only,
        why="" if board or on > today else why_closed(on, *county_and_school(wanted)),
        reminder=reminder(board, local(utcnow())) if board and not is_own_class(org, wanted.places) else "",
        may_take=[line.org_id for line in board.lines if line.kind == "class"] if board and may_submit else [],
        may_free=org is not None and org.kind == "school" and may_take(current_user, org),
        refreshed=REFRESHED if board and on == today else 0,
        sweep=current_round(wanted.places[0].county_id, today) if wanted.places and wanted.places[0].county_id else None,
    )


@blueprint.get("/roll/board.xlsx")
@requires(Permission.ROLL_VIEW)
def fetch_board():
    wanted = asked()
    board = board_asked(wanted)
    if board is None:
        abort(404)
    lines = shown_lines(board, wanted.only)
    place = wanted.org.name if wanted.org else ""
    export_list(what="board", org=wanted.org or wanted.places[0], count=len(lines), by=current_user)
    return as_workbook(board_table(board, lines, place, local(utcnow())), f"{place}_点名情况_{wanted.on.isoformat()}.xlsx")


@blueprint.get("/roll/often-late")
@requires(Permission.ROLL_VIEW)
def list_often_late():
    """Of the reader's first place, or ?org=."""
    place, found, calendar, least = often_asked()
    shown = {"place": place, "page": page_of(found), "calendar": calendar, "least": least, "DAYS": DAYS}
    return render_template("attendance/list_often_late.html", **shown)


@blueprint.get("/roll/often-late.xlsx")
@requires(Permission.ROLL_VIEW)
def fetch_often_late():
    place, found, calendar, _least = often_asked()
    export_list(what="often_late", org=place, count=len(found), by=current_user)
    return as_workbook(often_table(found, place.name, calendar.first, calendar.last), f"{place.name}_常迟报_{today_in_china().isoformat()}.xlsx")


def often_asked():
    place = place_in_county(current_user, number_or_none(request.args.get("org")))
    least = number_of("often_late", place.county_id, today_in_china())
    return place, *often_late(place, today_in_china(), least), least


def as_workbook(table, name: str):
    book = io.BytesIO()
    taken = f"{current_user.name}（{current_user.username}）{local(utcnow()):%Y-%m-%d %H:%M} 导出，审计 {short_anchor()}，仅供工作使用。"
    write_table(table, book, watermark=taken)
    book.seek(0)
    return send_file(book, XLSX, as_attachment=True, download_name=name.lstrip("_"))


def school_of(org) -> int | None:
    """The school that a board of this place speaks of, if it is one."""
    return org.id if org.kind == "school" else org.parent_id if org.kind == "class" else None


def has_school(on: datetime.date, county_id: int | None, school_id: int | None) -> bool:
    """Of a township or county: somewhere in it may be school, when some school of the county differs."""
    return is_school_day(on, county_id, school_id) or (school_id is None and bool(Calendar(county_id, on, on).anywhere()))


def is_own_class(org, places) -> bool:
    """A teacher's board: there is nobody to remind but the reader."""
    return org is None and all(place.kind == "class" for place in places)

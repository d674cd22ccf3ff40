"""本班点名表: which days of which class, and the workbook."""

import datetime
import io

from flask import render_template, request, send_file
from flask_login import current_user

from aidtracker.attendance.actions_exporting import export_list
from aidtracker.attendance.class_book import MOST_DAYS, NOTES, WIDEST, default_range, grid_of, sheets_of
from aidtracker.attendance.queries import classes_to_take, visible_class
from aidtracker.attendance.views_blueprint import SUMS_ONLY, blueprint
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, NotFound
from aidtracker.excel.grid import write_grid
from aidtracker.permissions import Permission, requires
from aidtracker.web.addresses import number_or_none
from aidtracker.web.downloads import XLSX
from aidtracker.web.fields import parse_day


@blueprint.get("/roll/book")
@requires(Permission.ROLL_SUBMIT)
def show_class_book():
    """?room= is the class, ?first= and ?last= the days; at first this week."""
    rooms = classes_to_take(current_user)
    number = number_or_none(request.args.get("room"))
    room = visible_class(current_user, number or rooms[0].id, Permission.ROLL_SUBMIT) if number or rooms else None
    first, last = days_asked()
    is_too_long = (last - first).days > WIDEST
    sheets = sheets_of(room, first, last) if room and not is_too_long else []
    shown = {"rooms": rooms, "room": room, "first": first, "last": last, "sheets": sheets, "is_too_long": is_too_long}
    return render_template("attendance/show_class_book.html", **shown, MOST_DAYS=MOST_DAYS, WIDEST=WIDEST)


def days_asked() -> tuple[datetime.date, datetime.date]:
    first, last = default_range(today_in_china())
    first = parse_day(request.args.get("first", "")) or first
    return first, max(first, parse_day(request.args.get("last", "")) or max(first, last))


@blueprint.get("/roll/<int:class_id>/book.xlsx")
@requires(Permission.ROLL_SUBMIT)
def fetch_class_book(class_id):
    room = visible_class(current_user, class_id, Permission.ROLL_SUBMIT)
    if not current_user.may(Permission.STUDENT_VIEW, room):
        raise Forbidden(SUMS_ONLY)
    first, last = days_asked()
    sheets = sheets_of(room, first, last) if (last - first).days <= WIDEST else []
    if not sheets:
        raise NotFound
    columns, rows = grid_of(room, sheets)
    title, book = f"{room.school_name}{room.label_on(sheets[0].on)}点名表", io.BytesIO()
    export_list(what="class_rolls", org=room, count=len(rows) - 1, by=current_user)
    write_grid(title, NOTES, columns, rows, book)
    book.seek(0)
    return send_file(book, XLSX, as_attachment=True, download_name=f"{title}_{sheets[0].on.isoformat()}_{sheets[-1].on.isoformat()}.xlsx")

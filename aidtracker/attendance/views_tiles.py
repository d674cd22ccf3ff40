"""The form of a roll call as markup: 45 pupils in one loop, a third of the page's time if a template did it.

The contract with the scripts stands at the top of static/js/roll.js and outbox.js.
"""

import html
import json
from functools import lru_cache
from typing import NamedTuple

from flask import get_template_attribute, url_for
from markupsafe import Markup, escape

from aidtracker.attendance.marks import MARKS, MARKS_AT, NOT_BACK, SYMPTOMS, UNCLEAR
from aidtracker.attendance.queries import RollSheet
from aidtracker.web.language import language
from aidtracker.web.language import words as _


class Words(NamedTuple):
    away: str
    why: str
    boards: str
    marks: dict[str, str]  # the default of a ticked pupil first
    options: dict[str, str]  # {chosen mark or "": the options of a tile}
    returning: dict[str, str]  # the same of a boarder after a break, 未返校 first


@lru_cache
def words_in(_language: str, session: str) -> Words:
    """Of the language in use; kept, since they are the same for every page of a session."""
    codes = [UNCLEAR, *(code for code in MARKS_AT[session] if code != UNCLEAR)]
    marks = {code: str(escape(_(MARKS[code].label))) for code in MARKS}
    returning = sorted(codes, key=lambda code: code != NOT_BACK)
    choices, others = ({chosen: options(with_symptoms({code: marks[code] for code in order}), chosen) for chosen in ("", *MARKS)} for order in (codes, returning))
    return Words(_("%(seat)s 号 %(name)s 缺勤"), _("%(name)s 的原因"), " " + _("住"), marks, choices, others)


def with_symptoms(marks: dict[str, str]) -> dict[str, str]:
    """Where 身体不适 may be chosen, a line for each symptom behind it."""
    more = {f"unwell:{symptom}": str(escape(_(symptom))) for symptom in SYMPTOMS} if "unwell" in marks else {}
    return marks | more


def options(marks: dict[str, str], chosen: str) -> str:
    found = []
    for value, label in marks.items():
        at_school, selected = " data-at" if MARKS[value.partition(":")[0]].is_present else "", " selected" if value == chosen else ""
        found.append(f'<option value="{value}"{at_school}{selected}>{label}</option>')
    return "".join(found)


def tiles(roster, marks: dict[int, str], session: str, on_leave: dict[int, str] | None = None, after_break: bool = False) -> Markup:
    """`marks` are the codes of whoever is ticked already; `on_leave` those that a leave gives."""
    words = words_in(language(), session)
    parts = ['<div class="tiles">']
    for place, (id_, seat, name, mode) in enumerate(roster, 1):
        shown, number, mark = html.escape(name), seat or place, marks.get(id_, "")
        lives = words.boards if mode == "boarding" else ""
        choices = words.returning if after_break and lives else words.options
        leave = f' data-leave="{on_leave[id_]}"' if on_leave and id_ in on_leave else ""
        mild = checked = state = ""
        if mark:
            mild, checked = " mild" if MARKS[mark].is_present else "", " checked"
            state = f' data-mark="{words.marks[mark]}"'
        said, why = words.away % {"seat": number, "name": shown}, words.why % {"name": shown}
        parts.append(
            f'<div class="tile{mild}"{leave}><input type="checkbox" name="absent" value="{id_}" id="a{id_}" aria-label="{said}"{checked}>'
            f'<label class="face" for="a{id_}"><small>{number}{lives}</small><i{state}></i><b>{shown}</b></label>'
            f'<select name="mark-{id_}" aria-label="{why}">{choices[mark]}</select></div>'
        )
    parts.append("</div>")
    return Markup("\n".join(parts))  # noqa: S704 every name was escaped above


@lru_cache(maxsize=1024)
def bar(_language: str, expected: int, away: int, on_leave: int = 0) -> Markup:
    """What stands in the bottom bar; kept, like last_look(): importing a macro costs as much as ten tiles."""
    return get_template_attribute("macros/roll.html", "roll_bar")(expected, away, on_leave)


@lru_cache
def last_look(_language: str) -> Markup:
    """The sheet with the list of who is away, shown before sending."""
    return get_template_attribute("macros/roll.html", "roll_sheet")()


def slot_of(sheet: RollSheet) -> str:
    """The place of a roll in the phone's outbox: a later one of the same class, day and session takes it."""
    return f"roll|{sheet.room.id}|{sheet.on}|{sheet.session}"


def kept_as(sheet: RollSheet, label: str, session_label: str) -> Markup:
    """How the form of a roll goes through the phone's outbox."""
    place = {"class_id": sheet.room.id, "on": sheet.on.isoformat(), "session": sheet.session}
    shown = {"slot": slot_of(sheet), "label": f"{label} {sheet.on} {session_label}", "next": url_for("attendance.take_roll", **place)}
    fields = "".join(f' data-{name}="{escape(value)}"' for name, value in {**shown, "place": json.dumps(place)}.items())
    return Markup(f'data-outbox="roll"{fields}')  # noqa: S704 every value was escaped above

"""The English catalogue: collects the site's Chinese words, updates the .po with them, compiles it.

The Chinese words in code and templates are the ids. A new one gets an empty translation, which a test refuses;
fill it in by hand in messages.po and run bin/translate again. Nothing is guessed: there are no fuzzy entries.
"""

import ast
import datetime
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from aidtracker.accounts.models import DUTIES
from aidtracker.accounts.passwords import RULES as PASSWORD_RULES
from aidtracker.accounts.queries import STATES
from aidtracker.accounts.queries_inviting import SEEN
from aidtracker.accounts.separation import APART
from aidtracker.accounts.separation import TEXT as APART_TEXT
from aidtracker.accounts.sessions import PROGRAMS, SYSTEMS
from aidtracker.aid.forms import BOARDING
from aidtracker.aid.models import STATUSES
from aidtracker.attachments.limits import WORDS as PHOTO_WORDS
from aidtracker.attendance import leaves, models_leaves
from aidtracker.attendance.illness import SYMPTOMS as ILL
from aidtracker.attendance.marks import MARKS, SYMPTOMS
from aidtracker.attendance.pictures import WHAT
from aidtracker.attendance.queries_leaves import TABS as LEAVE_TABS
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.attendance.views_blueprint import SUMS_ONLY
from aidtracker.audit.words import ACTIONS, FIELDS
from aidtracker.cases import models as cases
from aidtracker.cases import models_notice, notices
from aidtracker.cases.outcomes import COUNTS, OUTCOMES
from aidtracker.cases.states import NEXT_ACTS, STEPS
from aidtracker.cases.timeline import EDITED
from aidtracker.census import comparing, differences
from aidtracker.census.models import KIN, LISTS
from aidtracker.census.standing import REASONS as MATCH_REASONS
from aidtracker.census.standing import STATES as MATCH_STATES
from aidtracker.census.standing import STEPS as MATCH_STEPS
from aidtracker.census.standing import UNLISTED as MATCH_UNLISTED
from aidtracker.errors import NotFound
from aidtracker.excel.tables import Table
from aidtracker.home.views import WORDS
from aidtracker.imports import kinds as imports_kinds
from aidtracker.jobs import kinds as jobs_kinds
from aidtracker.jobs.running import BROKE, KILLED
from aidtracker.ledgers.ledger import NUMBER
from aidtracker.ledgers.registry import LEDGERS
from aidtracker.orgs.forms import CATEGORIES
from aidtracker.orgs.grades import STAGES
from aidtracker.orgs.models import KINDS as ORG_KINDS
from aidtracker.orgs.scopes import DIRECT
from aidtracker.permissions import ROLES
from aidtracker.policies.registry import ALL as POLICIES
from aidtracker.practice import REAL_NUMBER
from aidtracker.reports.enrolled import WHAT as WHAT_ENROLLED
from aidtracker.reports.matched import WHAT as WHAT_MATCHED
from aidtracker.reports.matched_lists import NO, NO_RECORD, RECORD, TITLES, YES
from aidtracker.reports.matched_places import ELSEWHERE, OUTSIDE
from aidtracker.reports.options import GROUPS
from aidtracker.reports.paid_rows import FAR
from aidtracker.reports.ranges import ranges_of
from aidtracker.reports.registry import REPORTS
from aidtracker.reports.report import MONTHS
from aidtracker.setup.views import PAGES
from aidtracker.students.actions_revealing import FIELDS as NUMBERS
from aidtracker.students.former import WHY
from aidtracker.students.forms import ID_KINDS, REASONS, RELATIONS
from aidtracker.students.forms_tags import LEVELS
from aidtracker.students.likely_pairs import KINDS as PAIR_KINDS
from aidtracker.students.listing import BY
from aidtracker.students.models import MODES, SEXES, TAGS
from aidtracker.students.models_extra import KINDS as EXTRA_KINDS
from aidtracker.students.models_moves import STATES as TRANSFER_STATES
from aidtracker.students.moves import KINDS as MOVES
from aidtracker.students.moving_rows import OTHER as OTHER_ROWS
from aidtracker.students.moving_rows import WORDS as ROWS
from aidtracker.students.people_met import MET
from aidtracker.students.quality import KINDS as FINDINGS
from aidtracker.students.queries_transfers import TABS as TRANSFER_TABS
from aidtracker.students.regrouping import WAYS
from aidtracker.students.roster_change import ENDED
from aidtracker.students.roster_comers import ANOTHER, AWAY, DEAD
from aidtracker.students.roster_parts import SOURCE
from aidtracker.students.roster_preview import ELSEWHERE as LIKE_ELSEWHERE
from aidtracker.students.roster_preview import UNSEEN
from aidtracker.students.tag_kinds import CLASSES, CLEARED, GRADES, HINTS, PARTS, PLAIN_ENDS
from aidtracker.students.views_years import KEPT
from aidtracker.tasks.kinds import HOW, UNITS
from aidtracker.tasks.kinds import KINDS as TASKS
from aidtracker.tasks.kinds import WHY as WHY_WITHDRAWN
from aidtracker.terms.calendar import NAMES as HOLIDAYS
from aidtracker.terms.models import CLOSURES
from aidtracker.terms.models import KINDS as DAY_KINDS
from aidtracker.visits import picks as visits_picks
from aidtracker.visits.evidence import UNNAMED
from aidtracker.visits.listing import CHOICES_OF_STATE
from aidtracker.visits.models import FORMS, LABELS, NO_PHOTO, PLACES, PURPOSES, UNSIGNED
from aidtracker.visits.models_calls import CALL_OUTCOMES, CALL_STATES
from aidtracker.visits.models_looks import LOOK_REASONS
from aidtracker.visits.models_papers import PAPER_FORMS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "aidtracker/translations/en/LC_MESSAGES"
PO, MO = FOLDER / "messages.po", FOLDER / "messages.mo"
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
SIGNATURES = Table("", ()).signatures
RANGES = [words for words, _ in ranges_of(datetime.date(2026, 11, 23))]
TRANSLATE = ("_", "gettext", "lazy_gettext", "_l", "_n")
# What takes the source words of a message as its first argument: rules that say no, and words that reports are made of.
FIRST = ("Refused", "Conflict", "Forbidden", "NotFound", "BadWorkbook", "TooManyGuesses", "WrongCode", "QuotaUsedUp", "__init__")
SAID = ("Phrase", "Heading", "Card", "Chart", "number", "lacking", "Line")
KEYWORDS = {
    **dict.fromkeys((*TRANSLATE, *FIRST, *SAID)),
    "ngettext": (1, 2),
    "job_kind": (2,),
    "Option": (3,),
    "Step": (2, 3),
    "BadCell": (2,),  # why a row of a workbook is refused, or warned about
    **dict.fromkeys(("refuse", "warn"), (4,)),
}


def data_words() -> dict[str, list[str]]:
    """Words that stand in data and are translated where a page shows them: {where: words}."""
    reports = list(REPORTS.values())
    kinds = [*imports_kinds.KINDS.values()]
    return {
        "accounts": [*(rule.words for rule in PASSWORD_RULES.values()), APART_TEXT, *(rule.why for rule in APART), *STATES.values(), *SEEN.values(), *DUTIES.values(), *(word for _, word in (*PROGRAMS, *SYSTEMS)), "其他系统", "浏览器"],
        "aid": [*STATUSES.values(), *BOARDING.values()],
        "attendance": [*SESSIONS.values(), *(mark.label for mark in MARKS.values()), *SYMPTOMS, *WHAT.values(), SUMS_ONLY],
        "attendance/leaves": [
            *(word for name in ("KINDS", "STATES", "WAYS", "LEVELS", "STEPS", "CLEARANCES") for word in getattr(models_leaves, name).values()),
            *(word for words in (leaves.FROM, leaves.UNTIL, leaves.BACK, LEAVE_TABS, ILL) for word in words.values()),
        ],
        "audit": [*ACTIONS.values(), *FIELDS.values(), "监护人电话", "特殊群体", "命令行"],
        "cases": [
            *(word for words in (cases.STATES, cases.ORIGINS, cases.REASONS, cases.KINDS, cases.RESULTS) for word in words.values()),
            *(word for each in OUTCOMES.values() for word in (each.label, each.evidence)),
            *(*COUNTS.values(), *NEXT_ACTS.values(), *STEPS, *EDITED.values(), "学生本人"),
            *(word for words in (models_notice.STATES, models_notice.KINDS, models_notice.WAYS, notices.TABS) for word in words.values()),
        ],
        "census": [
            *(word for words in (LISTS, KIN, comparing.COMPARISONS, comparing.CHANGES, MATCH_REASONS, MATCH_STEPS, MATCH_STATES) for word in words.values()),
            *(*differences.FIELDS.values(), *differences.MENDS.values(), *(word for words in MATCH_UNLISTED.values() for word in words)),
        ],
        "errors": list(NotFound.__init__.__defaults__ or ())[:1],
        "attachments": [*PHOTO_WORDS.values()],
        "home": [*WORDS.values(), "需督办", "没有点名", "关注", "正常"],
        "imports": [words for kind in kinds for words in (kind.label, kind.hint)],
        "ledgers": [
            NUMBER.label,
            *(words for ledger in LEDGERS.values() for words in (ledger.title, ledger.summary)),
            *(column.label for ledger in LEDGERS.values() for column in ledger.columns),
            *(each.label for ledger in LEDGERS.values() for each in ledger.filters),
            *(words for ledger in LEDGERS.values() for each in ledger.filters for words in each.choices.values()),
        ],
        "practice": [REAL_NUMBER],
        "jobs": [BROKE, KILLED] + [words for kind in jobs_kinds.KINDS.values() for words in (kind.title, kind.unit)],
        "orgs": [
            *ORG_KINDS.values(),
            DIRECT,
            *CATEGORIES,
            "公办",
            "民办",
            *(words for stage in STAGES for words in (stage.label, *stage.grades)),
        ],
        "permissions": [role.label for role in ROLES.values()],
        "policies": [words for each in POLICIES for words in (each.group, each.label, each.unit, each.source, each.about, *each.choices.values())],
        "reports": [words for report in reports for words in (report.title, report.summary, report.nothing)]
        + [*(words for _, words in GROUPS), FAR, *WHAT_ENROLLED.values(), *MONTHS, *SIGNATURES, *RANGES]
        + [*WHAT_MATCHED.values(), *TITLES.values(), YES, NO, RECORD, NO_RECORD, OUTSIDE, ELSEWHERE, "监测对象未受助"],
        "setup": [label for label, _, _ in PAGES.values()],
        "students": [*MODES.values(), *SEXES.values(), *TAGS.values(), *BY.values(), *REASONS.values(), *WHY.values(), *PAIR_KINDS.values(), *ROWS.values(), OTHER_ROWS],
        "students/quality": [words for kind in FINDINGS.values() for words in kind],
        "students/tags": [*CLASSES, *GRADES, CLEARED, *PLAIN_ENDS, *HINTS.values(), "班主任家访", *PARTS["destitute"], *LEVELS.values(), "县直学校", "残疾证号", ENDED],
        "students/fields": [*EXTRA_KINDS.values()],
        "students/roster": [DEAD, AWAY, ANOTHER, LIKE_ELSEWHERE, UNSEEN, SOURCE, "是", "否"],
        "students/years": [*KEPT.values()],
        "students/moves": [*TRANSFER_STATES.values(), *TRANSFER_TABS.values(), *WAYS.values(), *(words for kind in MOVES.values() for words in (kind.label, kind.place, kind.document) if words)],
        "students/forms": ["身份证号", *ID_KINDS, *RELATIONS, *NUMBERS.values()],
        "tasks": [*HOW.values(), *WHY_WITHDRAWN.values(), *UNITS.values(), *(words for kind in TASKS.values() for words in (kind.label, kind.rule, kind.ends))],
        "terms": [*HOLIDAYS.values(), *DAY_KINDS.values(), *CLOSURES.values(), "周末", "轮休"],
        "visits": [words for many in (FORMS, PURPOSES, PLACES, CHOICES_OF_STATE, LABELS, MET, NO_PHOTO, UNSIGNED, PAPER_FORMS, CALL_STATES, CALL_OUTCOMES, LOOK_REASONS) for words in many.values()],
        "visits/evidence": [UNNAMED],
        "visits/picks": [words for many in visits_picks.PICKS for words in many],
    }


def words_in_calls(file, keywords, _comment_tags, options):  # noqa: ARG001
    """A method of Babel: words given to the functions named above, however deep in other calls, which Babel's own overlooks."""
    for node in ast.walk(ast.parse(file.read())):
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", "") if isinstance(node, ast.Call) else ""
        if name in keywords and node.args:
            given = [getattr(argument, "value", None) for argument in node.args]
            words = tuple(value if isinstance(value, str) and CHINESE.search(value) else None for value in given)
            yield node.lineno, name, words if len(words) > 1 else words[0], []


def extracted() -> Iterator[tuple[str, str]]:
    """(id, file or room) of every Chinese word that a page may have to say."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    for file, _line, message, _comments, _context in extract_from_dir(str(ROOT), methods, options, keywords=KEYWORDS, comment_tags=()):
        for words in message if isinstance(message, tuple) else (message,):
            yield words, file
    for room, many in data_words().items():
        for words in many:
            yield words, f"aidtracker/{room}"


def fresh() -> Catalog:
    """Every id, in the order of its first place, without translations."""
    catalogue = Catalog()
    for words, place in extracted():
        if words and CHINESE.search(words):
            catalogue.add(words, locations=[(place, 0)])
    return catalogue


def standing() -> Catalog:
    if not PO.exists():
        return Catalog("en", project="aidtracker", charset="utf-8")
    with PO.open("rb") as source:
        return read_po(source, locale="en")


def updated(before: Catalog) -> Catalog:
    """The translations that stand, for the ids that there are now."""
    catalogue = Catalog("en", project="aidtracker", version="1", copyright_holder="", charset="utf-8", fuzzy=False)
    catalogue.header_comment = "# English words of aidtracker; the Chinese ones are the ids. bin/translate keeps it up to date."
    catalogue.creation_date = catalogue.revision_date = before.creation_date
    for message in sorted((m for m in fresh() if m.id), key=lambda m: (min(m.locations), m.id)):
        known = before.get(message.id)
        catalogue.add(message.id, known.string if known else "", locations=sorted(set(message.locations)), flags=())
    return catalogue


def compiled(catalogue: Catalog) -> bytes:
    target = io.BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def missing(catalogue: Catalog) -> list[str]:
    return [message.id for message in catalogue if message.id and not message.string]


def main() -> int:
    catalogue = updated(standing())
    FOLDER.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as target:
        write_po(target, catalogue, width=0, include_lineno=False)
    MO.write_bytes(compiled(catalogue))
    empty = missing(catalogue)
    print(f"{len([m for m in catalogue if m.id])} messages, {len(empty)} without English words")  # noqa: T201
    for words in empty:
        print(f"  {words}")  # noqa: T201
    return 1 if empty else 0


if __name__ == "__main__":
    sys.exit(main())

"""No rule of the field holds a number of its own: days, shares, quotas and ages are the county's, and stand in policies/registry.py.

Every number from 2 on that a rule room has as a constant, compares with, or makes a span of days of, is declared here with what
it is instead of a rule. One that is not is refused: make it a policy, or say what it is.
"""

import ast

from tests.test_floor_plan import HOUSE

ROOMS = "orgs accounts terms students attendance visits cases census aid reports ledgers home setup".split()
COLUMN = "length of a column"
AT_ONCE = "rows at a time"
SHOWN = "how much of a list a page shows"
READING = "what a cell or an address may hold"
LOOKBACK = "how far back a search looks before it gives up"
CODE = "layout of a national code"
SECURITY = "a promise about attackers, not about children: no county may weaken it"
CONSTANTS = {
    "attendance.illness LONGEST_MEASURES": READING,
    "attendance.leaves LONGEST_REASON": READING,
    "attendance.early_warning A_WEEK": LOOKBACK,
    "attendance.early_warning HOUR": "hour of the day",
    "attendance.early_warning LONGEST_BREAK": LOOKBACK,
    "attendance.rates BACK": LOOKBACK,
    "attendance.rates DAYS": "the twenty days over which 出勤率 is watched, as the policy's own words say",
    "attendance.rates NEVER": "more than anybody can miss",
    "attendance.silence BACK": LOOKBACK,
    "attendance.silence GIVEN_UP": LOOKBACK,
    "attendance.illness DAYS": "three days in a row, by the rule itself",
    "attendance.leaves FURTHEST": "nobody asks for leave for a year from now by a slip",
    "attendance.leaves LONGEST": "whoever stays away for longer is suspended",
    "attendance.missing LONG_BACK": LOOKBACK,
    "cases.views_responsibility MOST": SHOWN,
    "cases.caseload A_WEEK": SHOWN,
    "cases.actions_notice LONGEST": "no deadline years from now by a slip",
    "cases.actions_notice_texts MOST_DAYS": "no deadline years from now by a slip",
    "cases.actions_responsibility AHEAD": "nobody is named for years from now by a slip",
    "students.actions_transferring AHEAD": "nobody arranges a transfer for years from now by a slip",
    "students.views_moves USUAL": SHOWN,
    "students.actions_extra MOST_FIELDS": READING,
    "students.extra_fields LONGEST": READING,
    "accounts.actions_homerooms LONGEST": "nobody stands in for years by a slip",
    "accounts.actions_requests WAITS": SECURITY,
    "accounts.actions_inviting MOST": SHOWN,
    "accounts.actions_staff SHOWN": SHOWN,
    "accounts.forms SHORT": COLUMN,
    "accounts.passwords LONGEST": READING,
    "accounts.passwords RULES": "the two rules that the policy chooses from",
    "accounts.passwords _busy": SECURITY,
    "accounts.passwords _hasher": SECURITY,
    "accounts.queries_requests LATELY": SECURITY,
    "accounts.second_factor LONG": SECURITY,
    "accounts.second_factor OFF": LOOKBACK,
    "accounts.second_factor SLOW": LOOKBACK,
    "accounts.sessions GUESSES": SECURITY,
    "accounts.sessions GUESSES_A_DAY": SECURITY,
    "accounts.sessions HALF": SECURITY,
    "accounts.sessions HEAD": "columns of a statement",
    "accounts.sessions KNOWN": SECURITY,
    "accounts.sessions SEEN_EVERY": "how often a look is written down",
    "accounts.sessions SHARED": SECURITY,
    "accounts.sessions WINDOW": SECURITY,
    "accounts.sheets LIMITS": COLUMN,
    "accounts.totp DIGITS": "RFC 6238",
    "accounts.totp EPOCH": "RFC 6238",
    "accounts.totp STEP": "RFC 6238",
    "accounts.usernames LONGEST_NAME": COLUMN,
    "accounts.views_second FEW": SHOWN,
    "aid.forms LONGEST_TEXT": COLUMN,
    "aid.listing RETURNED_FIRST": "an order",
    "aid.payment_save ROWS": AT_ONCE,
    "aid.sheets LIMITS": COLUMN,
    "aid.sheets MOST_FEN": COLUMN,
    "aid.views SHORT": SHOWN,
    "aid.views TERMS_AHEAD": SHOWN,
    "attendance.actions_plans FURTHEST": READING,
    "attendance.figures TREND_DAYS": SHOWN,
    "attendance.actions_free AHEAD": READING,
    "attendance.free LONGEST_REASON": COLUMN,
    "attendance.actions_sweeps FURTHEST": READING,
    "attendance.sweeps LONGEST_NOTE": COLUMN,
    "attendance.class_book MOST_DAYS": READING,
    "attendance.class_book WEEK": "a week",
    "attendance.class_book WIDEST": READING,
    "attendance.often_late BACK": LOOKBACK,
    "attendance.often_late DAYS": LOOKBACK,
    "attendance.queries MOST_CLASSES": SHOWN,
    "attendance.queries_sweeps HOLIDAYS": LOOKBACK,
    "attendance.sweeps BACK_TO": LOOKBACK,
    "attendance.sweeps LATEST": LOOKBACK,
    "attendance.views_board REFRESHED": SHOWN,
    "attendance.views_sweeps PAGE": SHOWN,
    "attendance.many_rolls ROWS": AT_ONCE,
    "attendance.marks LONGEST_REASON": COLUMN,
    "attendance.missing BACK": LOOKBACK,
    "attendance.sessions HOURS": "hours of the day",
    "attendance.streaks LONG_AGO": LOOKBACK,
    "attendance.streaks WINDOW": LOOKBACK,
    "attendance.truants LEVELS": "buckets of the published report, whatever a county calls serious",
    "attendance.views YEARS": READING,
    "cases.queries LAST_DAYS": SHOWN,
    "cases.queries LONG_ENOUGH": LOOKBACK,
    "cases.states LONGEST_BREAK": LOOKBACK,
    "cases.watch LONGEST_WATCH": LOOKBACK,
    "census.actions_ledger MOST": AT_ONCE,
    "census.comparing TOWNSHIP_DIGITS": CODE,
    "census.pairs MOST": SHOWN,
    "census.result_table AT_ONCE": AT_ONCE,
    "census.views_matching MOST": AT_ONCE,
    "census.list_import CHUNK": AT_ONCE,
    "census.list_import INSERT": "a statement",
    "census.sheets LIMITS": COLUMN,
    "census.asked LONGEST_TEXT": COLUMN,
    "ledgers.actions LONGEST_REASON": COLUMN,
    "ledgers.months EARLIEST": READING,
    "ledgers.national HEADINGS": "headings of the national workbook",
    "orgs.divisions PREFIXES": CODE,
    "orgs.grades SPOKEN": "nine years of school",
    "reports.options LONGEST": READING,
    "reports.options YEARS": READING,
    "reports.persons LISTED": SHOWN,
    "reports.ranges YEARS_SHOWN": SHOWN,
    "reports.report MONTHS": "twelve months",
    "reports.views LISTED": SHOWN,
    "setup.actions CITY": CODE,
    "setup.actions LONGEST": COLUMN,
    "setup.step SHOWN": SHOWN,
    "students.actions_regrouping BACK": READING,
    "students.actions_undoing SHOWN": SHOWN,
    "students.actions_undoing_roster EVER": LOOKBACK,
    "students.actions_undoing_roster SHOWN": SHOWN,
    "students.actions_phones MOST": AT_ONCE,
    "students.families MOST": SHOWN,
    "students.former MOST": SHOWN,
    "students.likely_pairs MOST": SHOWN,
    "students.twins MOST": SHOWN,
    "students.listing SEAT": "an order",
    "students.roster_preview MOST": SHOWN,
    "students.roster_preview MOST_UNSEEN": "a guard against trying out names",
    "students.actions_quality HOUR": "when nobody is at work",
    "students.quality NORMAL_AGES": "ages of the grades",
    "students.queries_quality DAYS": SHOWN,
    "students.pinyin LONGEST": COLUMN,
    "students.pinyin MOST_PARTS": "how names are read",
    "students.pinyin MOST_READINGS": "how names are read",
    "students.queries MANY": AT_ONCE,
    "students.queries_rollover MOST_YEARS": SHOWN,
    "students.rollover_preview AGES": "how the stages follow each other",
    "students.rollover OPENS": "July",
    "students.roster_save CHUNK": AT_ONCE,
    "students.search BATCH": AT_ONCE,
    "students.search FEW": AT_ONCE,
    "students.search MOST": SHOWN,
    "students.sheets LIMITS": COLUMN,
    "students.sheets ROSTER": "columns of the national workbook",
    "students.views_rollover SHOWN_ODD": SHOWN,
    "students.views SHOWN_SECONDS": "how long a whole number stays on the screen",
    "terms.actions AHEAD": "against a slip of the year",
    "terms.actions BACK": "against a slip of the year",
    "terms.actions LONGEST": "against a slip of the year",
    "terms.calendar SEEDED_YEARS": "years whose holidays are known",
    "students.actions_years EARLIEST": READING,
    "terms.days WEEK": "Monday to Friday",
    "terms.models MOST_DAYS": READING,
    "terms.ranges YEARS": READING,
    "home.waiting A_WEEK": SHOWN,
    "visits.actions_individual AHEAD": "nobody plans for years from now by a slip",
    "visits.actions_individual LONGEST": "a school year: the pupil is assessed anew after it",
    "visits.actions_plans FURTHEST": "nobody plans for years from now by a slip",
    "visits.actions_plans MOST": AT_ONCE,
    "visits.covered_changes MOST": AT_ONCE,
    "visits.keeping_coverage BEHIND": LOOKBACK,
    "visits.individual MOST": READING,
    "visits.individual SOON": SHOWN,
    "visits.individual WORDS": COLUMN,
    "visits.looking LOOKBACK": LOOKBACK,
    "visits.models_looks LONGEST_REMARK": COLUMN,
    "visits.oddities DAY": "minutes of a day",
    "visits.oddities HOUR": "minutes of an hour",
    "visits.queries_looks SHOWN": SHOWN,
    "visits.models_calls LONGEST": COLUMN,
    "visits.quotas A_WEEK": "a week",
    "visits.quotas THURSDAY": "the day that says of which month a week is",
    "visits.tutoring LATEST_MAKE_UP": LOOKBACK,
    "visits.actions_files AT_ONCE": AT_ONCE,
    "visits.actions_files A_YEAR": "a year, leap or not, of a policy that counts years",
    "visits.evidence KILOBYTE": "a unit",
    "visits.families MOST": SHOWN,
    "visits.many_visits ROWS": AT_ONCE,
    "visits.pages BLANK_LESSON": "heights on paper",
    "visits.pages BLANK_VISIT": "heights on paper",
    "visits.pages TO_SIGN": "heights on paper",
    "visits.paper_codes LENGTH": "letters of a code that is typed",
    "visits.queries_pages MOST": AT_ONCE,
    "visits.records EARLIEST": READING,
    "visits.records LONGEST": COLUMN,
    "visits.records MOST_MINUTES": READING,
    "visits.views_recording FOUND": SHOWN,
    "visits.views_recording OF_VILLAGE": SHOWN,
}
# Inside functions: module and what stands there.
INLINE = {
    "accounts.passwords": "how guessable a password is",
    "accounts.sessions": "IPv4",
    "aid.paid_sums": "shape of a key",
    "attendance.board": SHOWN,
    "attendance.history": "the next month",
    "attendance.pictures": SHOWN,
    "attendance.rates": "a share as per cent",
    "home.county": "a share as per cent; how far back the last rolls are looked for",
    "ledgers.filters": CODE,
    "ledgers.months": "the next month",
    "ledgers.views": "a status of HTTP",
    "orgs.divisions": CODE,
    "orgs.grades": "September",
    "orgs.queries": "SCHOOL/GRADE/CLASS",
    "orgs.schools": CODE,
    "reports.attended": "a share as per cent",
    "reports.paid_rows": "shape of a key",
    "students.actions_extra": READING,
    "students.actions_revealing": READING,
    "students.extra_fields": READING,
    "students.merging": "two records",
    "students.models": "86 and eleven digits",
    "students.pinyin": "how names are read",
    "students.rollover_preview": "August",
    "students.roster": READING,
    "students.sheets": CODE,
    "terms.actions": "a month",
    "terms.calendar": "Monday to Friday",
    "terms.days": "half-years",
    "visits.quotas": "the next month",
}
SPANS = ("timedelta",)


def modules():
    for room in ROOMS:
        for path in sorted((HOUSE / room).glob("*.py")):
            yield f"{room}.{path.stem}", ast.parse(path.read_text())


def figures(node) -> bool:
    """A number from 2 on, but for those that only say which column of a row."""
    if isinstance(node, ast.Subscript):
        return figures(node.value)
    if isinstance(node, ast.Constant):
        return type(node.value) in (int, float) and abs(node.value) >= 2
    return any(figures(each) for each in ast.iter_child_nodes(node))


def constants(tree):
    """Names at the top of a module whose value is made of numbers."""
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and figures(node.value):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            yield target.elts[0].id if isinstance(target, ast.Tuple) else getattr(target, "id", ast.unparse(target))


def inline(tree):
    """Comparisons with a number, and spans of days, inside functions and classes."""
    for holder in ast.walk(tree):
        if not isinstance(holder, ast.FunctionDef | ast.Lambda):
            continue
        for node in ast.walk(holder):
            called = node.func if isinstance(node, ast.Call) else None
            is_span = called is not None and getattr(called, "attr", getattr(called, "id", "")) in SPANS
            if (isinstance(node, ast.Compare) or is_span) and figures(node):
                yield ast.unparse(node)


def test_no_rule_holds_a_number_of_its_own():
    found = [f"{module} {name}" for module, tree in modules() for name in constants(tree)]
    assert sorted(set(found) - set(CONSTANTS)) == []
    assert sorted({f"{module}: {words}" for module, tree in modules() for words in inline(tree) if module not in INLINE}) == []


def test_what_is_declared_is_there():
    """A declaration that outlives its number would let the next one in."""
    assert sorted(set(CONSTANTS) - {f"{module} {name}" for module, tree in modules() for name in constants(tree)}) == []
    assert sorted(set(INLINE) - {module for module, tree in modules() if any(True for _ in inline(tree))}) == []


def test_it_notices_a_number():
    for slip in ("LIMIT = 3", "LIMIT: int = 7", "WINDOW = datetime.timedelta(days=7)", "LEVELS = {'serious': 3}", "TARGET = 0.98 * 100"):
        assert list(constants(ast.parse(slip))), slip
    for slip in ("def f(days):\n    return days >= 3", "def f(on):\n    return on - timedelta(days=7)", "g = lambda rate: rate < 98"):
        assert list(inline(ast.parse(slip))), slip
    for right in ("ONE = 1", "NAME = 'x'", "def f(days, limits):\n    return days >= limits.serious"):
        assert not list(constants(ast.parse(right))) + list(inline(ast.parse(right))), right

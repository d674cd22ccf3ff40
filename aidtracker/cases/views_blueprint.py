"""The blueprint that the pages of cases share, and the words that their templates use."""

from flask import Blueprint

from aidtracker.cases.models import KINDS, ORIGINS, RESULTS, STATES
from aidtracker.cases.models_closing import LEVELS
from aidtracker.cases.models_closing import STATES as CLOSING_STATES
from aidtracker.cases.models_closing import TONES as CLOSING_TONES
from aidtracker.cases.models_handover import STATES as HANDOVER_STATES
from aidtracker.cases.models_handover import TONES as HANDOVER_TONES
from aidtracker.cases.models_notice import STATES as NOTICE_STATES
from aidtracker.cases.models_notice import TONES as NOTICE_TONES
from aidtracker.cases.models_notice import WAYS
from aidtracker.cases.models_responsibility import DUTIES, LINES
from aidtracker.cases.outcomes import COUNTS, OUTCOMES
from aidtracker.cases.states import NEXT_ACTS, STEPS, TONES, step_of

blueprint = Blueprint("cases", __name__)


@blueprint.record_once
def words_of_cases(state):
    words = {"CASE_STATES": STATES, "CASE_TONES": TONES, "CASE_ORIGINS": ORIGINS, "CASE_KINDS": KINDS}
    words |= {"CASE_RESULTS": RESULTS, "CASE_OUTCOMES": OUTCOMES, "CASE_COUNTS": COUNTS, "CASE_STEPS": STEPS, "CASE_NEXT": NEXT_ACTS, "case_step": step_of}
    words |= {"CLOSING_STATES": CLOSING_STATES, "CLOSING_TONES": CLOSING_TONES, "CLOSING_LEVELS": LEVELS}
    words |= {"HANDOVER_STATES": HANDOVER_STATES, "HANDOVER_TONES": HANDOVER_TONES, "RESPONSIBLE_LINES": LINES, "RESPONSIBLE_DUTIES": DUTIES}
    words |= {"NOTICE_STATES": NOTICE_STATES, "NOTICE_TONES": NOTICE_TONES, "NOTICE_WAYS": WAYS}
    state.app.jinja_env.globals.update(words)

"""The roof: create_app() puts the house together; nothing else lives here."""

import logging
import os

from flask import Flask, request
from flask.helpers import get_debug_flag
from flask_login import LoginManager
from werkzeug.middleware.proxy_fix import ProxyFix

from aidtracker import cli
from aidtracker.accounts import actions as accounts_actions
from aidtracker.accounts import actions_closing, passwords, usernames
from aidtracker.accounts import hooks as accounts_hooks
from aidtracker.accounts import queries as accounts_queries
from aidtracker.accounts import views as accounts_views
from aidtracker.accounts import views_second as accounts_second
from aidtracker.accounts.sessions import session_user
from aidtracker.aid import views as aid_views
from aidtracker.attendance import actions as attendance_actions
from aidtracker.attendance import actions_illness as attendance_illness
from aidtracker.attendance import early_warning
from aidtracker.attendance import hanging as attendance_hanging
from aidtracker.attendance import hooks as attendance_hooks
from aidtracker.attendance import leaving as attendance_leaving
from aidtracker.attendance import views as attendance_views
from aidtracker.attendance import warnings as attendance_warnings
from aidtracker.audit import views as audit_views
from aidtracker.audit.origin import Origin, origin
from aidtracker.cases import actions_found as cases_found
from aidtracker.cases import actions_handing as cases_handing
from aidtracker.cases import actions_notice as cases_notice
from aidtracker.cases import case_tasks
from aidtracker.cases import queries as cases_queries
from aidtracker.cases import refusals as cases_refusals
from aidtracker.cases import relapse as cases_relapse
from aidtracker.cases import sealed as cases_sealed
from aidtracker.cases import views as cases_views
from aidtracker.census import views as census_views
from aidtracker.config import Settings, load_settings, prepare_instance, refuse_debugging, secret_file
from aidtracker.crypto.keyring import begin_unit, end_unit, load_keyring
from aidtracker.db import connect_again_if_broken, database, init_database
from aidtracker.demo import actions_practice
from aidtracker.demo.staff import shown_accounts
from aidtracker.home import hooks as home_hooks
from aidtracker.home import views as home_views
from aidtracker.imports import actions as imports_actions
from aidtracker.imports import views as imports_views
from aidtracker.jobs import queue, worker
from aidtracker.jobs import views as jobs_views
from aidtracker.jobs.worker import work_in_web
from aidtracker.ledgers import views as ledgers_views
from aidtracker.mobile import views as mobile_views
from aidtracker.operation import actions_scheduling as operation_scheduling
from aidtracker.operation import views as operation_views
from aidtracker.operation.migration import refuse_newer_at_start
from aidtracker.operation.queries import refuse_lost_keys
from aidtracker.orgs import hooks as orgs_hooks
from aidtracker.orgs import views as orgs_views
from aidtracker.permissions import guarded_endpoint
from aidtracker.policies import queries as policies_queries
from aidtracker.policies import views as policies_views
from aidtracker.practice import look_at_start
from aidtracker.reports import views as reports_views
from aidtracker.setup import queries as setup_queries
from aidtracker.setup import views as setup_views
from aidtracker.students import actions_looking as students_looking
from aidtracker.students import actions_phones, pinyin
from aidtracker.students import actions_quality as students_quality
from aidtracker.students import actions_rollover as students_rollover
from aidtracker.students import actions_transferring as students_transferring
from aidtracker.students import hooks as students_hooks
from aidtracker.students import places as students_places
from aidtracker.students import views as students_views
from aidtracker.tasks import hooks as tasks_hooks
from aidtracker.tasks import leaving as tasks_leaving
from aidtracker.tasks import views as tasks_views
from aidtracker.terms import hooks as terms_hooks
from aidtracker.terms import views as terms_views
from aidtracker.visits import actions_calls as visits_calls
from aidtracker.visits import actions_files as visits_files
from aidtracker.visits import actions_looks as visits_looks
from aidtracker.visits import actions_reminding as visits_reminding
from aidtracker.visits import actions_year as visits_year
from aidtracker.visits import hanging as visits_hanging
from aidtracker.visits import keeping_coverage
from aidtracker.visits import leaving as visits_leaving
from aidtracker.visits import reminders as visits_reminders
from aidtracker.visits import views as visits_views
from aidtracker.web import language, register_web
from aidtracker.web.errors import request_id

BLUEPRINTS = (
    accounts_views.blueprint,
    aid_views.blueprint,
    attendance_views.blueprint,
    audit_views.blueprint,
    cases_views.blueprint,
    census_views.blueprint,
    home_views.blueprint,
    imports_views.blueprint,
    jobs_views.blueprint,
    ledgers_views.blueprint,
    mobile_views.blueprint,
    operation_views.blueprint,
    orgs_views.blueprint,
    policies_views.blueprint,
    reports_views.blueprint,
    setup_views.blueprint,
    students_views.blueprint,
    tasks_views.blueprint,
    terms_views.blueprint,
    visits_views.blueprint,
)
UPLOAD_LIMIT = 64 * 1024 * 1024  # bytes of one request; a county's roster is 20 MB


def create_app(settings: Settings | None = None) -> Flask:
    settings = settings or load_settings()
    refuse_debugging(settings, get_debug_flag())
    prepare_instance(settings)
    if settings.is_development:
        os.environ["FLASK_DEBUG"] = "1"  # flask's own switch: debug pages, and the reloader of `flask run`
    app = Flask(__name__, template_folder="../templates", static_folder="../static")
    configure(app, settings)
    init_database(settings)
    refuse_newer_at_start()
    load_keyring(settings)
    refuse_lost_keys()
    look_at_start()
    queue.configure(settings)
    imports_actions.configure(settings.instance)
    operation_scheduling.configure(settings)
    actions_practice.configure(settings)
    passwords.configure(settings.argon2_memory_kib)
    open_and_close_the_database(app)
    operation_views.wait_for_migration(app)
    recognise_people(app)
    register_web(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.before_request(guarded_endpoint)
    app.before_request(accounts_second.take_proof)
    work_in_web(app, settings)
    app.context_processor(lambda: {"banners": operation_views.banners()})
    cli.register(app)
    fill_hooks()
    return app


def configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=secret_file(settings, "secret_key"),
        MAX_CONTENT_LENGTH=UPLOAD_LIMIT,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="aidtracker",
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    app.logger.setLevel(logging.INFO)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, *[settings.trusted_proxies] * 4)


def open_and_close_the_database(app: Flask) -> None:
    """One connection per thread, kept between requests: reconnecting costs 0.5 to 4.5 ms each time."""

    @app.before_request
    def connect():
        origin.set(Origin(request.remote_addr or "", request_id()))
        if request.endpoint != "static":
            connect_again_if_broken()
            request.environ["aidtracker.unit"] = begin_unit()

    @app.teardown_request
    def leave_the_keys(_error):
        end_unit(request.environ.pop("aidtracker.unit", None))

    @app.teardown_request
    def give_back(_error):
        if not database.is_closed() and database.in_transaction():
            database.close()  # never happens while every write uses transaction(); never carry one over


def recognise_people(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None  # phones change networks all day; our session rows are revocable
    manager.user_loader(session_user)
    manager.init_app(app)

    @app.before_request
    def keep_to_the_password_page():
        return accounts_views.first_sign_in_page()


def fill_hooks() -> None:
    """Named hooks of lower rooms, filled by those above."""
    language.when_language_chosen[:] = [keep_language]
    worker.when_the_server_looks[:] = [
        actions_closing.disable_leavers,
        operation_scheduling.finish_restore_that_was_cut,
        operation_scheduling.back_up_when_due,
        actions_practice.reset_when_due,
        students_rollover.begin_due_orders,
        students_quality.check_quality_when_due,
        actions_phones.index_phones,
        students_transferring.miss_transfers,
        early_warning.look_at_all_when_due,
        visits_files.forget_old_files,
        keeping_coverage.keep_coverage_when_due,
    ]
    attendance_actions.when_roll_submitted[:] = [attendance_illness.look_at_roll, early_warning.look_at_roll, cases_relapse.look_at_roll]
    early_warning.when_suspected[:] = [cases_found.open_for_streak]
    early_warning.when_night_falls[:] = [visits_reminding.remind_county, visits_year.remind_of_year, visits_calls.draw_calls, visits_looks.find_second_looks, cases_notice.remind_county]
    terms_hooks.when_calendar_changes[:] = [early_warning.look_at_calendar]
    tasks_hooks.when_a_pupils_task_is_shown[:] = [students_looking.view_students]
    tasks_hooks.what_tasks_are_about[:] = [attendance_warnings.about_tasks, case_tasks.about_tasks, visits_reminders.about_tasks]
    tasks_hooks.which_tasks_are_hidden[:] = [cases_sealed.hidden_tasks]
    accounts_hooks.when_somebody_leaves[:] = [attendance_leaving.leaves_open, cases_handing.leaves_open, visits_leaving.leaves_open, tasks_leaving.leaves_open]
    accounts_hooks.when_work_goes_to_another[:] = [cases_handing.hand_cases_over, tasks_leaving.hand_tasks_over]
    accounts_hooks.what_a_county_has_set[:] = [policies_queries.policy_of]
    accounts_hooks.who_may_be_tried[:] = [shown_accounts]
    usernames.how_names_are_read[:] = [pinyin.first_pinyin]
    home_hooks.what_comes_next[:] = [setup_queries.next_step]
    orgs_hooks.when_org_is_shown[:] = [students_places.shown_at, accounts_queries.shown_at]
    attendance_hooks.what_is_open_for[:] = [cases_queries.open_case_ids]
    students_hooks.what_hangs_on_spells[:] = [attendance_hanging.rolls_since, visits_hanging.visits_since]
    students_hooks.what_is_kept_from[:] = [cases_sealed.kept_rows]
    students_hooks.when_records_change_hands[:] = [cases_refusals.refuse_unnamed_of_any]
    students_hooks.what_is_urgent[:] = [attendance_warnings.urgent_of]
    students_hooks.when_a_transfer_is_missed[:] = [cases_found.open_for_missed]
    students_hooks.when_a_spell_is_taken_back[:] = [attendance_hanging.refuse_while_marked]
    orgs_hooks.when_org_closes[:] = [students_places.refuse_while_pupils_are_here]


def keep_language(user, code: str) -> None:
    accounts_actions.set_language(user=user, language=code, by=user)

"""Health, for whoever watches the server; the status page and the backups; the standing banners."""

import hmac

from flask import Blueprint, Flask, Response, current_app, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from prometheus_client import CONTENT_TYPE_LATEST

from aidtracker.errors import NotFound, Refused
from aidtracker.operation import actions_paper as paper
from aidtracker.operation import actions_practice as practice
from aidtracker.operation import actions_scheduling as actions
from aidtracker.operation.forms import PaperKeyForm
from aidtracker.operation.metrics import exposition
from aidtracker.operation.migration import is_migrated
from aidtracker.operation.queries import backup_named, backups, is_alive, is_demo, is_on_paper, paper_key
from aidtracker.operation.status import lines_of, silence_of
from aidtracker.orgs.queries import counties_of
from aidtracker.permissions import Permission, public, requires, requires_fresh
from aidtracker.practice import is_practice
from aidtracker.receipts.actions import once
from aidtracker.web.errors import answer
from aidtracker.web.forms import ConfirmForm, translated
from aidtracker.web.headers import is_loopback
from aidtracker.web.paging import paginate
from aidtracker.web.practice import BANNER

blueprint = Blueprint("operation", __name__)
P = Permission
UNMIGRATED = _l("数据库还没有建好，或者需要升级。请系统管理员运行 flask --app wsgi migrate，然后刷新本页。")


def wait_for_migration(app: Flask) -> None:
    """Until the database is as this version wants it, every page says so; asked until it is, never again."""
    is_ready = False

    @app.before_request
    def refuse_before_migration():
        nonlocal is_ready
        if is_ready or request.endpoint == "static":
            return None
        is_ready = is_migrated()
        if is_ready:
            actions.finish_restore_that_was_cut()
        return None if is_ready else answer(503, str(UNMIGRATED))


@blueprint.get("/healthz")
@public
def show_health():
    """200 while the database answers, else 503; says nothing else to strangers."""
    alive = is_alive()
    return jsonify(ok=alive), 200 if alive else 503


@blueprint.get("/metrics")
@public
def show_metrics():
    """For whoever sends the token (Authorization: Bearer ...); to everybody else there is no such page."""
    wanted, sent = settings().metrics_token, request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not wanted or not hmac.compare_digest(sent.encode(), wanted.encode()):
        raise NotFound
    return Response(exposition(settings()), content_type=CONTENT_TYPE_LATEST)


@blueprint.get("/operation")
@requires(P.OPERATION_VIEW)
def show_status():
    counties = counties_of(current_user, P.OPERATION_VIEW)
    silences = [silence for silence in map(silence_of, counties) if silence]
    return render_template("operation/show_status.html", lines=lines_of(settings()), silences=silences, form=ConfirmForm(), P=P)


@blueprint.get("/operation/backups")
@requires(P.OPERATION_RUN)
def list_backups():
    folder = settings().backup_folder
    page = paginate(backups())
    kept = {backup.uid for backup in page if not backup.problem and (folder / backup.file_name).is_file()}
    return render_template("operation/list_backups.html", page=page, kept=kept, folder=folder, hour=settings().backup_hour, form=ConfirmForm())


@blueprint.post("/operation/backups/start")
@requires(P.OPERATION_RUN)
def start_backup():
    form = ConfirmForm()
    if not form.submitted():
        return redirect(url_for(".list_backups"), 303)
    receipt = once(by=current_user, key=form.key.data, kind="operation.start_backup", body={}, do=lambda: actions.start_backup(by=current_user).uid)
    return redirect(url_for("jobs.show_job", uid=receipt.result), 303)


@blueprint.post("/operation/backups/<string(length=32):uid>/verify")
@requires(P.OPERATION_RUN)
def verify_backup(uid):
    backup = backup_named(uid)
    if ConfirmForm().submitted():
        try:
            actions.verify_backup(backup=backup, settings=settings(), by=current_user)
            flash(_("「%(name)s」完好，可以用来恢复。", name=backup.file_name), "ok")
        except Refused as refused:
            flash(translated(refused), "bad")
    return redirect(url_for(".list_backups"), 303)


@blueprint.post("/operation/backups/<string(length=32):uid>/file")
@requires(P.OPERATION_RUN)
@requires_fresh
def fetch_backup(uid):
    """Sealed as it is on the disk: without the key file it is good for nothing."""
    if not ConfirmForm().submitted():
        return redirect(url_for(".list_backups"), 303)
    backup = backup_named(uid)
    path = settings().backup_folder / backup.file_name
    if backup.problem or not path.is_file():
        raise NotFound
    actions.fetch_backup(backup=backup, by=current_user)
    return send_file(path.resolve(), "application/octet-stream", as_attachment=True, download_name=backup.file_name)


@blueprint.route("/operation/paper-key", methods=["GET", "POST"])
@requires(P.OPERATION_RUN)
@requires_fresh
def confirm_paper_key():
    form = PaperKeyForm()
    if form.submitted():
        try:
            paper.confirm_paper_key(typed=[form.one.data, form.other.data], settings=settings(), by=current_user)
            flash(_("核对无误：两张纸就能还原密钥。"), "ok")
            return redirect(url_for(".show_status"), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("operation/confirm_paper_key.html", form=form, known=paper_key()[1]), form.status


@blueprint.post("/operation/practice/reset")
@requires(P.OPERATION_RUN)
def start_reset():
    """Of a practice installation; a real site has no such button, and refuses."""
    if ConfirmForm().submitted():
        try:
            practice.start_reset(by=current_user)
            flash(_("一分钟内清空重来，到时所有人需要重新登录。"), "ok")
        except Refused as refused:
            flash(translated(refused), "bad")
    return redirect(url_for(".show_status"), 303)


def settings():
    return current_app.config["SETTINGS"]


def banners() -> list[tuple[str, str]]:
    """What stands above every page: (kind, text)."""
    shown = []
    if is_practice():
        shown.append(("practice", str(BANNER)))
    elif is_demo():
        shown.append(("warn", _("演示数据：人名、证件号都是编造的，请不要录入真实学生信息。")))
    if current_user.is_authenticated and current_user.may(P.OPERATION_RUN) and not is_demo() and not is_on_paper(settings().instance):
        shown.append(("warn", _("密钥还没有抄在纸上：服务器坏了，证件号、电话和备份都打不开。请到「运行状态」→「密钥抄在纸上」打印、核对。")))
    if not request.is_secure and not is_loopback():
        shown.append(("bad", _("这个网站没有加密（不是 https），密码和学生信息会被同一网络的人看到。请联系系统管理员。")))
    if "X-Forwarded-For" in request.headers and not current_app.config["SETTINGS"].trusted_proxies:
        shown.append(("bad", _("网站前面有代理，但没有设置 AIDTRACKER_TRUSTED_PROXIES：所有人看起来都从同一处登录，一个人乱试密码会锁住大家。请联系系统管理员。")))
    return shown

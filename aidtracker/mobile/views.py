"""The phone's pages: its outbox and what it sends from there, what was handed over as text, 回执号, the service worker."""

import base64
from functools import lru_cache

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from aidtracker.attachments.data_urls import url_of
from aidtracker.attachments.limits import MOST_BYTES
from aidtracker.attendance.queries import own_classes
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.mobile import actions, intake
from aidtracker.mobile.forms import HandInForm
from aidtracker.mobile.handing import secret_of
from aidtracker.mobile.intake_visits import blank_visit
from aidtracker.mobile.queries import generation, name_of, proof_of
from aidtracker.permissions import Permission, public, requires, requires_login
from aidtracker.receipts.numbers import typed_number
from aidtracker.students.queries import roster_of
from aidtracker.visits.evidence import most_photos
from aidtracker.web.assets import asset
from aidtracker.web.headers import CSP, keep_on_phone
from aidtracker.web.language import words as _
from aidtracker.web.limits import takes

LARGEST, MOST_FIELDS = 3_000_000, 400  # bytes of one item, with six photos as text; fields: a class of 60 with marks and words
FILES = ("css/app.css", "js/app.js", "js/db.js", "js/outbox.js", "js/checks.js", "js/outbox_page.js", "js/roll.js", "js/photos.js", "css/photos.css", "img/icon.svg")

blueprint = Blueprint("mobile", __name__)


@blueprint.get("/outbox")
@requires_login
def show_outbox():
    """Filled by outbox_page.js from what the phone holds: the site knows nothing of it. No pupil stands here."""
    return keep_on_phone(render_template("mobile/show_outbox.html", P=Permission))


@blueprint.get("/outbox/session")
@requires_login
def show_session():
    """JSON: who is signed in, the token for sending, how often the site was restored, the secret for handing over."""
    secret = base64.b64encode(secret_of(current_user)).decode()
    return jsonify(user=current_user.uid, csrf=generate_csrf(), generation=generation(), secret=secret)


@blueprint.post("/outbox/send")
@requires_login
@takes(LARGEST)
def take_in():
    """JSON {id, kind, at, fields: [[name, value]]} -> {number, at, generation, is_repeated, page}. 409 says what stands, 4xx why not."""
    receipt = intake.take_in(**told(content_of(request)), by=current_user._get_current_object())
    at = receipt.created_at.isoformat(timespec="seconds")
    page = page_of(receipt)
    return jsonify(number=receipt.number, at=at, generation=generation(), is_repeated=receipt.is_duplicate, page=page)


def content_of(asked):
    """None for what is no JSON, or is nested without end."""
    try:
        return asked.get_json(silent=True)
    except RecursionError:
        return None


def page_of(receipt) -> str:
    """Where the writer sees what was saved."""
    if "visit" in (receipt.result or {}):
        return url_for("visits.show_visit", visit_id=receipt.result["visit"])
    return url_for("mobile.show_receipt", number=receipt.number)


def told(item) -> dict:
    """The parts of an item, as texts; whatever has another shape is refused before anything looks into it."""
    try:
        fields = [(str(name), str(value)) for name, value in item["fields"]]
        if len(fields) > MOST_FIELDS:  # a mark that is left out would be a pupil who was there
            raise ValueError
        return {"kind": str(item["kind"]), "key": str(item["id"]), "fields": fields, "at": str(item.get("at", ""))}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused(intake.UNKNOWN) from None


@blueprint.route("/outbox/visit", methods=["GET", "POST"])
@requires(Permission.VISIT_RECORD)
def record_visit():
    """A visit without signal. Sent straight from the page only where the browser has no outbox."""
    form = blank_visit(current_user)
    if request.method == "POST":
        try:
            fields = list(request.form.items(multi=True)) + photos_of(request)
            receipt = intake.take_in(kind="visit", key=request.form.get("key", ""), fields=fields, at="", by=current_user._get_current_object())
            return redirect(url_for("mobile.show_receipt", number=receipt.number), 303)
        except Refused as refused:
            form.refuse(refused)
    rosters = [roster_of(room) for room in own_classes(current_user)]
    pupils = [(id_, f"{seat or ''} {name}".strip()) for roster in rosters for id_, _uid, seat, name, _mode in roster]
    context = {"today": today_in_china(), "most_photos": most_photos(current_user.county_id)}
    return keep_on_phone(render_template("mobile/record_visit.html", form=form, pupils=pupils, **context)), form.status


def photos_of(asked) -> list[tuple[str, str]]:
    """Files of a form that was sent straight from the page, as an outbox would send them."""
    read = [photo.read(MOST_BYTES + 1) for photo in asked.files.getlist("photo")]
    return [("photo", url_of(data)) for data in read if data]


@blueprint.route("/outbox/hand-in", methods=["GET", "POST"])
@requires(Permission.ROLL_VIEW)
def hand_in():
    """What a teacher without signal copied, pasted by whoever has some."""
    form, receipt = HandInForm(), None
    if form.submitted():
        try:
            receipt = actions.hand_in(text=form.text.data, by=current_user._get_current_object())
        except Refused as refused:
            form.refuse(refused)
    return render_template("mobile/hand_in.html", form=form, receipt=receipt), form.status


@blueprint.get("/receipts")
@requires_login
def show_receipt():
    typed = request.args.get("number", "")[:40]
    number = typed_number(typed)
    proof = proof_of(number, current_user) if number else None
    brought_by = name_of(proof.came.brought_by) if proof and proof.came else ""
    return render_template("mobile/show_receipt.html", typed=typed, number=number, proof=proof, brought_by=brought_by)


@blueprint.get("/selfcheck")
@requires_login
def show_selfcheck():
    """What this browser can do, to be read out on the telephone."""
    return render_template("mobile/show_selfcheck.html")


@blueprint.get("/sw.js")
@public
def fetch_worker():
    """Made anew when a file of the site is; the browser asks for it at every visit."""
    files = [asset(name) for name in FILES]
    version = "-".join(file.rpartition("=")[2][:4] for file in files)
    if current_app.config["SETTINGS"].offline_pages:
        nothing = render_template("mobile/no_network.html", home=url_for("home.show_home"))
        text = render_template("mobile/sw.js", files=files, version=version, db=asset("js/db.js"), nothing=nothing, csp=CSP)
    else:
        text = render_template("mobile/sw_off.js")
    headers = {"Content-Type": "text/javascript; charset=utf-8", "Service-Worker-Allowed": "/"}
    return text, headers


@blueprint.app_context_processor
def words_of_badge():
    return {"badge_words": badge_words, "writes_on_phone": writes_on_phone}


def writes_on_phone() -> bool:
    """Whoever goes about with a phone and writes down rolls or visits has an outbox."""
    return current_user.is_authenticated and (current_user.may(Permission.ROLL_SUBMIT) or current_user.may(Permission.VISIT_RECORD))


@lru_cache
def badge_words(_language: str) -> Markup:
    """Every state of the badge and of a form that was taken, as attributes; kept, since every page of a teacher has them."""
    states = {
        "none": _("已同步"),
        "wait": _("待上传 {n} 条"),
        "bad": _("需处理 {n} 条"),
        "sending": _("已保存在本机，正在上传…"),
        "offline": _("网络不好，已保存在本机。有信号时会自动上传，现在可以离开本页。"),
        "login": _("登录已过期，内容已保存在本机。重新登录后会自动上传。"),
        "full": _("手机存储已满，这条还没有交上去。请不要关闭本页，有信号时再点一次提交。"),
        "lost": _("这条记录在本机读不出来了，请重新填写后再提交。"),
        "list": _("查看待上传"),
        "again": _("系统恢复后再次上传的点名"),
    }
    return Markup("").join(Markup(' data-{}="{}"').format(name, text) for name, text in states.items())

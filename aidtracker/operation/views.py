"""Health, for whoever watches the server, and the standing banners."""

from flask import Blueprint, jsonify, request
from flask_babel import gettext as _

from aidtracker.operation.queries import is_alive, is_demo
from aidtracker.permissions import public
from aidtracker.web.headers import is_loopback

blueprint = Blueprint("operation", __name__)


@blueprint.get("/healthz")
@public
def show_health():
    """200 while the database answers, else 503; says nothing else to strangers."""
    alive = is_alive()
    return jsonify(ok=alive), 200 if alive else 503


def banners() -> list[tuple[str, str]]:
    """What stands above every page: (kind, text)."""
    shown = []
    if is_demo():
        shown.append(("warn", _("演示数据：人名、证件号都是编造的，请不要录入真实学生信息。")))
    if not request.is_secure and not is_loopback():
        shown.append(("bad", _("这个网站没有加密（不是 https），密码和学生信息会被同一网络的人看到。请联系系统管理员。")))
    return shown

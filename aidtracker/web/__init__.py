"""What every page needs, knowing no pupil: forms, fields, errors, filters, menu, paging, language, headers."""

from flask import Blueprint, Flask, render_template

from aidtracker.permissions import public, requires_login
from aidtracker.web.addresses import register_addresses
from aidtracker.web.assets import register_assets
from aidtracker.web.compression import register_compression
from aidtracker.web.cookies import register_cookies
from aidtracker.web.csrf import register_csrf
from aidtracker.web.downloads import register_downloads
from aidtracker.web.errors import register_errors
from aidtracker.web.filters import register_filters
from aidtracker.web.forms import new_key
from aidtracker.web.headers import register_headers
from aidtracker.web.language import register_language, set_language
from aidtracker.web.limits import register_limits
from aidtracker.web.menu import register_menu
from aidtracker.web.paging import url_with
from aidtracker.web.practice import register_practice
from aidtracker.web.printing import register_printing


def register_web(app: Flask) -> None:
    """Wires compression, cookies, language, CSRF, headers, assets, practice, filters, menu, printing and error pages; create_app calls it once."""
    register_addresses(app)
    register_compression(app)
    register_limits(app)
    register_cookies(app)
    register_language(app)
    register_csrf(app)
    register_assets(app)
    register_downloads(app)
    register_practice(app)
    register_filters(app)
    register_menu(app)
    register_printing(app)
    register_errors(app)
    register_headers(app)
    app.jinja_env.globals.update(url_with=url_with, new_key=new_key)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(_blueprint())


def _blueprint() -> Blueprint:
    """Made anew for each app, so that tests can make many."""
    blueprint = Blueprint("web", __name__)
    blueprint.add_url_rule("/language", view_func=public(set_language), methods=["POST"])
    blueprint.add_url_rule("/me", view_func=requires_login(show_me))
    return blueprint


def show_me():
    """「我的」: everything the person may open, their name, language and the way out."""
    return render_template("web/show_me.html")

"""The language of a page: the person's own, else this phone's cookie, else what the browser asks for."""

from collections.abc import Callable

from babel import Locale
from flask import Flask, g, has_request_context, redirect, request
from flask_babel import Babel, get_locale, get_translations
from flask_login import current_user
from markupsafe import Markup, escape

from aidtracker.phrases import Phrase
from aidtracker.web.redirects import safe_next

LANGUAGES = {"zh": "中文", "en": "English"}  # as kept with the person and in the cookie
LOCALES = {"zh": Locale.parse("zh_CN"), "en": Locale.parse("en")}  # made once: parsing a name costs more than a page's words
COOKIE = "language"
A_YEAR = 365 * 24 * 3600

# create_app puts in who keeps the choice of a signed-in person: called with (user, language).
when_language_chosen: list[Callable] = []


def register_language(app: Flask) -> None:
    Babel(app, default_locale="zh_CN", default_timezone="Asia/Shanghai", locale_selector=choose_language)
    app.jinja_env.install_gettext_callables(
        gettext=words,
        ngettext=lambda one, many, n: catalogue().ungettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: catalogue().upgettext(context, text),
        npgettext=lambda context, one, many, n: catalogue().unpgettext(context, one, many, n),
    )
    app.jinja_env.globals["_"] = page_words
    app.jinja_env.filters["said"] = said
    app.jinja_env.globals.update(LANGUAGES=LANGUAGES, html_lang=html_lang, language=language)


def words(text: str) -> str:
    """gettext for what asks it fifty times a page: Flask-Babel looks for the catalogue anew each time."""
    return catalogue().ugettext(text)


def page_words(text: str, **values) -> Markup:
    """_() of the templates: as Jinja's own, without its two further calls. Values are escaped, phrases among them said; and so is
    the text, for where our own words stand a county may have put its own (names of reasons, kinds of lists, fields of pupils)."""
    for name, value in values.items():
        if isinstance(value, Phrase):
            values[name] = said(value)
    found = escape(catalogue().ugettext(text))
    return found % values if values else found


def said(text: str) -> str:
    """What stands in data, in the page's language: a Phrase with its parts, a word that the catalogue knows, else as it is."""
    if not isinstance(text, Phrase):
        return catalogue().ugettext(text) if text else text
    found = catalogue().ugettext(text.text)
    return found % {name: said(part) if isinstance(part, Phrase) else part for name, part in text.params.items()} if text.params else found


def catalogue():
    return kept("catalogue", get_translations)


def kept(name: str, find: Callable):
    """Found once a request."""
    if not has_request_context():
        return find()
    found = request._get_current_object().__dict__
    if name not in found:
        found[name] = find()
    return found[name]


def choose_language() -> Locale:
    """Never loads the user by itself: error pages must work while the database does not."""
    user = getattr(g, "_login_user", None)
    wanted = getattr(user, "language", None) or request.cookies.get(COOKIE)
    if wanted in LOCALES:
        return LOCALES[wanted]
    asked = request.accept_languages.best_match(["zh", "zh-CN", "zh-TW", "en"])
    return LOCALES["en" if asked == "en" else "zh"]


def language() -> str:
    """zh or en: the language of this page."""
    return kept("language_chosen", get_locale).language


def html_lang() -> str:
    return "en" if language() == "en" else "zh-CN"


def set_language():
    """POST /language: kept in a cookie, and by whoever listens for signed-in people."""
    chosen = request.form.get("language")
    answer = redirect(safe_next(request.form.get("next")), 303)
    if chosen not in LANGUAGES:
        return answer
    answer.set_cookie(COOKIE, chosen, max_age=A_YEAR, secure=request.is_secure, httponly=True, samesite="Lax")
    if current_user.is_authenticated:
        for keep in when_language_chosen:
            keep(current_user, chosen)
    return answer

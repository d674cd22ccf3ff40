"""What the pages of a request have in common (销号申请、移交、文书): a list by what waits for whom, and an answer with words."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from aidtracker.errors import Refused
from aidtracker.receipts.actions import once
from aidtracker.students.actions_looking import view_student
from aidtracker.web.paging import paginate


def list_page(form, tabs: list[str], found_in: Callable, listed: Callable) -> dict:
    """One tab of the list: at first the first of those that the reader has; `found_in(user, tab)` is a query."""
    tab = form.chosen("tab", tabs[0])
    tab = tab if tab in tabs else tabs[0]
    counts = {code: found_in(current_user, code).count() for code in tabs}
    return {"page": paginate(listed(found_in(current_user, tab)), total=counts[tab]), "tab": tab, "counts": counts}


def answer_page(template: str, form, about: dict, act: Callable, told: str):
    """`about` names what is answered first, as {"closing": closing}; afterwards its own page says how it stands."""
    name, thing = next(iter(about.items()))
    view_student(student=thing.case.student, by=current_user)
    if form.submitted():
        try:
            kind = template.removesuffix(".html").replace("/", ".")
            once(by=current_user, key=form.key.data, kind=kind, body={name: thing.id, **form.typed()}, do=act)
            flash(told, "ok")
            return redirect(url_for(f".show_{name}", **{f"{name}_id": thing.id}), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template(template, form=form, case=thing.case, student=thing.case.student, **about), form.status

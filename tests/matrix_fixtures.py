"""The world of the matrix, built once for each file that walks it, with everybody signed in."""

import datetime
import re

import pytest

from aidtracker import db
from aidtracker.accounts.models import Membership, UserSession
from aidtracker.accounts.models_second import SecondFactor
from aidtracker.accounts.totp import new_secret
from aidtracker.jobs import files
from tests.cast import Client
from tests.conftest import lent_app
from tests.factories import PASSWORD
from tests.matrix_looking import watched
from tests.matrix_things import World


@pytest.fixture(scope="module")
def world(session_app, template, tmp_path_factory):
    """One database for all the cases; the site's own closing of a connection in a transaction is taken out, for the cases
    are transactions that are rolled back."""
    folder, kept = tmp_path_factory.mktemp("matrix"), dict(session_app.teardown_request_funcs)
    with lent_app(session_app, template, folder, AIDTRACKER_JOBS="off") as app, watched(app):
        files.configure(folder)
        made = World()
        made.app = app
        for person in made.people.values():
            enter(made, person)
        app.teardown_request_funcs[None] = [function for function in kept[None] if function.__name__ != "give_back"]
        yield made
        app.teardown_request_funcs.update(kept)
        files.configure(template[0].instance)

SECOND_FACTORS = {  # of whoever is in already: one that waits for its first code, and one that is set
    "teacher at class": {"new_secret": new_secret()},
    "school_admin at school": {"secret": new_secret(), "confirmed_at": db.utcnow()},
}


def enter(world, person):
    """Signs the person in on two devices, with a token for their forms; who is disabled or lost a role, did while signed in."""
    client = Client(world.app)
    if person.user:
        Client(world.app).post("accounts.sign_in", {"username": person.user.username, "password": PASSWORD})
        client.post("accounts.sign_in", {"username": person.user.username, "password": PASSWORD})
    page = {"anonymous": "accounts.sign_in", "new head": "accounts.change_password", "new chief": "accounts.show_second_factor"}.get(person.label, "web.show_me")
    if person.label in SECOND_FACTORS:
        SecondFactor.create(user=person.user, **SECOND_FACTORS[person.label])
    shown = client.http.get(client.url(page)).text
    person.token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', shown)[1]
    person.http = client.http
    person.forbidden = world.forbidden_words(person)
    # Nobody is seen anew while the cases run, however long they take: a look must write nothing.
    UserSession.update(seen_at=db.utcnow() + datetime.timedelta(minutes=20)).execute()
    if person.state == "ended":
        yesterday = db.today_in_china() - datetime.timedelta(days=1)
        Membership.update(ends_on=yesterday).where(Membership.user == person.user).execute()
    if person.state == "disabled":
        type(person.user).update(disabled_at=db.utcnow()).where(type(person.user).id == person.user.id).execute()


@pytest.fixture(scope="module")
def rules(session_app):
    return [rule for rule in session_app.url_map.iter_rules() if rule.endpoint != "static"]

"""The migration that lets a county have kinds of its own keeps every list and child, there and back."""

import importlib

from aidtracker.census.models import ListedChild, Snapshot
from aidtracker.db import database, transaction
from tests.census.conftest import list_child


def test_lists_and_children_stay(county, snapshot):
    children = {list_child(snapshot(kind), f"童{kind}", home=county.village).id for kind in ("household_registry", "disabled_children")}
    own = list_child(snapshot("own_1"), "自己的").id
    step = importlib.import_module("migrations.0050_list_kinds")
    with transaction():
        step.down(None, database.obj)
        assert {child.id for child in ListedChild.select()} == children and Snapshot.select().count() == 2
        step.up(None, database.obj)
    assert {child.id for child in ListedChild.select(ListedChild.id)} == children and own not in children
    Snapshot.delete().execute()
    assert ListedChild.select().count() == 0  # the children still hang from their list

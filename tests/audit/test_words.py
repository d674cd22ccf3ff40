"""How the trail reads: every action and field that the house records has words, so that nobody reads a code."""

import ast

from aidtracker.audit.words import ACTIONS, FIELDS, action_words, field_words
from tests.test_house_rules import called, trees

# Composed from the name of a step: by roster_save, by many_visits, and by what both ways of recording a visit share.
MADE_UP = {"students.insert_roster", "students.update_roster", "visits.insert_visits", "visits.change_visits"}
MADE_UP |= {"visits.record_visit", "visits.record_tutoring"}
# By the one function that ends a transfer, and by the one that brings pupils into other classes.
MADE_UP |= {f"students.{action}" for action in ("confirm_transfer", "refuse_transfer", "withdraw_transfer", "record_arrival")}
MADE_UP |= {f"students.{action}" for action in ("split_class", "combine_classes", "merge_school")}


def texts_in(node) -> list[str]:
    return [each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def recorded() -> tuple[set[str], set[str]]:
    """Actions and fields that stand as words in a call of record() or of a room's told()."""
    actions, fields = set(MADE_UP), set()
    for _path, room, _inner, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            given = {each.arg: each.value for each in node.keywords}
            if called(node)[1] == "told" and node.args and isinstance(node.args[0], ast.Constant):
                actions.add(f"{room}.{node.args[0].value}")
                fields.update(texts_in(node.args[3]) if len(node.args) > 3 else ())
            if called(node)[1] == "told_many":
                actions.add(f"{room}.{node.args[0].value}")
                fields.update(texts_in(node.args[2]))
            if isinstance(given.get("action"), ast.Constant):
                action = given["action"].value
                actions.add(action if "." in action else f"{room}.{action}")
                fields.update(texts_in(given["fields"]) if "fields" in given else ())
    return actions, fields


def test_every_action_and_field_that_is_recorded_has_words():
    actions, fields = recorded()
    assert len(actions) > 30 and len(fields) > 15
    assert actions <= set(ACTIONS) | {"students.reveal"}
    assert {field for field in fields if field and not field.startswith("tag.")} <= set(FIELDS)


def test_words_are_kept_only_for_what_is_recorded():
    assert set(ACTIONS) - recorded()[0] == {"students.reveal", "students.find_transferee"}  # recorded under names of their own


def test_numbered_and_dotted_fields_are_told_by_their_kind():
    assert field_words("name,guardian-1,tag.disabled") == ["姓名", "监护人电话", "特殊群体"]
    assert action_words("attendance.submit_roll_call") == "提交点名"
    assert (action_words("nobody.knows"), field_words("")) == ("nobody.knows", [])

"""What rooms below add to a place's page, and may object when it closes; create_app fills these lists."""

from collections.abc import Callable

# Called with (user, org, places below it that are shown, the day that was asked for): values for the page's template.
when_org_is_shown: list[Callable] = []
# Called with the org; raises Refused while somebody still depends on it.
when_org_closes: list[Callable] = []


def additions(user, org, below, on) -> dict:
    found: dict = {}
    for add in when_org_is_shown:
        found |= add(user, org, below, on)
    return found


def ask_before_closing(org) -> None:
    for ask in when_org_closes:
        ask(org)

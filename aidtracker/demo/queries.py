"""What the database holds before the demo is built."""

from aidtracker.accounts.models import User
from aidtracker.operation.models import Installation
from aidtracker.operation.queries import is_demo
from aidtracker.orgs.models import Org
from aidtracker.practice import is_practice


def state_of_database() -> str:
    """empty (no tables, or no places and no people), demo, practice, or other."""
    if not Installation.table_exists():
        return "other" if Org.table_exists() or User.table_exists() else "empty"
    if is_practice():
        return "practice"
    if is_demo():
        return "demo"
    return "other" if Org.select().exists() or User.select().exists() else "empty"

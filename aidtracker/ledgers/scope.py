"""Whose lines: the place that was asked for, as far as the reader may export the ledger there; and which pupils that are."""

from aidtracker.errors import Forbidden
from aidtracker.ledgers.ledger import Ledger
from aidtracker.orgs.queries import counties_of
from aidtracker.orgs.scopes import Scope, scope_of
from aidtracker.permissions import Permission
from aidtracker.students.queries import in_scope
from aidtracker.students.queries_tags import OPENS
from aidtracker.students.tag_kinds import GUARDED


def scope_for(ledger: Ledger, user, county: str | None = None, org_id: int | None = None) -> Scope:
    """What of the place lies within LEDGER_EXPORT and within every permission of the ledger. Forbidden: nothing does."""
    scope = scope_of(user, county, org_id, Permission.LEDGER_EXPORT)
    for permission in ledger.permissions:
        scope = scope.narrowed(user.scopes(permission))
    if not scope.paths:
        raise Forbidden("你没有查看这份台账的权限。如需要，请联系本单位管理员开通。")
    return scope


def counties_for(user) -> list:
    return counties_of(user, Permission.LEDGER_EXPORT)


def pupils_in(scope: Scope):
    """The condition on Student that every ledger has: enrolled within the scope, or registered at home there."""
    return in_scope(scope.paths)


def may_reveal(user, scope: Scope) -> bool:
    """The reader may see whole numbers in all of the scope."""
    return scope.is_covered_by(user.scopes(Permission.STUDENT_REVEAL))


def hidden_tags(user, scope: Scope) -> tuple[str, ...]:
    """Kinds of tags that stay out of what this reader takes away: open only to whoever looks after every pupil of the scope."""
    return () if scope.is_covered_by([path for permission in OPENS for path in user.scopes(permission)]) else GUARDED

"""The lines of the report 名单比对: townships, or the villages of one, by registered home; and who is registered elsewhere."""

from aidtracker.orgs.models import Org
from aidtracker.orgs.scopes import Scope, township_in, townships_of
from aidtracker.phrases import Phrase

OUTSIDE = "外县"
ELSEWHERE = "户籍在别处"
KINDS = ("county", "township", "village")


def rows_by_home(scope: Scope, counted: dict[str, dict[int | None, int]]) -> list[dict]:
    """One dict for each line: id, code, name, kind and the numbers; `counted` is {number: {home or None: children}}."""
    places = Org.select(Org.id, Org.path, Org.code, Org.name, Org.kind).where((Org.county == scope.county) & Org.kind.in_(KINDS))
    known = list(places.order_by(Org.code).tuples())
    line_of = {id_: line_at(scope, id_, path, kind) for id_, path, _code, _name, kind in known} | townships_by_path(scope, known)
    sums: dict[int | None, dict] = {}
    for number, homes in counted.items():
        for home, children in homes.items():
            line = sums.setdefault(line_of.get(home) if home else None, dict.fromkeys(counted, 0))
            line[number] += children
    always = {township.id for township in townships_of(scope)} if scope.place.kind == "county" else set()
    rows = []
    for id_, _path, code, name, kind in known:
        if id_ in sums or id_ in always:
            rows.append(row(scope, id_, code, name, kind) | (sums.get(id_) or dict.fromkeys(counted, 0)))
    if None in sums or scope.is_whole and scope.place.kind == "county":
        rows.append(outside(scope) | (sums.get(None) or dict.fromkeys(counted, 0)))
    return rows


def line_at(scope: Scope, id_: int, path: str, kind: str) -> int | None:
    """On which line a home is counted; None: on that of those registered elsewhere."""
    if scope.place.kind == "township":
        return id_ if path.startswith(str(scope.place.path)) else None
    return id_ if kind in ("county", "township") else None


def townships_by_path(scope: Scope, known) -> dict[int, int | None]:
    """{village: its township}, where the lines are townships."""
    if scope.place.kind == "township":
        return {}
    townships = {id_ for id_, _path, _code, _name, kind in known if kind == "township"}
    return {id_: township_in(path, townships) for id_, path, _code, _name, kind in known if kind == "village"}


def row(scope: Scope, id_: int, code: str, name: str, kind: str) -> dict:
    if kind == "county":
        return {"id": None, "code": code, "name": Phrase("%(place)s（没有写到乡镇）", place=name), "kind": kind}
    if id_ == scope.place.id:
        return {"id": None, "code": code, "name": Phrase("%(place)s（没有写到村）", place=name), "kind": "home"}
    return {"id": id_, "code": code, "name": name, "kind": kind}


def outside(scope: Scope) -> dict:
    name = OUTSIDE if scope.place.kind == "county" else ELSEWHERE
    return {"id": None, "code": name, "name": Phrase(name), "kind": "outside"}

"""Another department's list of a day: what bringing it in would change, and saving it.

A list is matched as a whole, so it comes in as a whole: one transaction, or a killed import would leave half a
registry and hundreds of false alarms. Its rows are known by list, day and ID. A list of the same day that comes
again adds and corrects; whoever is missing from it stays, and a notice says how many.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from aidtracker.audit.actions import record
from aidtracker.census.list_kinds import label_of
from aidtracker.census.models import ListedChild, ListKind, Snapshot
from aidtracker.census.sheets import LIMITS
from aidtracker.crypto.field import seal_values, unsealed_column
from aidtracker.crypto.keyed_index import keyer
from aidtracker.db import as_day, new_uid, run_many, run_sql, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.excel.cells import id_birth, id_sex
from aidtracker.excel.plans import Check, Plan
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.students.models import SEXES
from aidtracker.students.roster import refuse_long, warn_row

KEYS = (*LIMITS, "id_number", "sex", "born_on", "home_code", "listed_on", "cleared_on")
PLAIN = tuple("name sex born_on ethnicity head_name relation home_code home_id category level listed_on cleared_on".split())
DAYS = ("born_on", "listed_on", "cleared_on")
STANDING = f"SELECT id_index, id, uid, certificate, {', '.join(PLAIN)} FROM listed_child WHERE snapshot_id = ?"  # noqa: S608 our own names
INSERT = f"""INSERT INTO listed_child (uid, snapshot_id, id_number, id_index, certificate, {", ".join(PLAIN)})
VALUES ({", ".join("?" * (len(PLAIN) + 5))}) ON CONFLICT (snapshot_id, id_index) DO NOTHING"""  # noqa: S608
UPDATE = f"UPDATE listed_child SET certificate = ?, {', '.join(f'{name} = ?' for name in PLAIN)} WHERE id = ? AND snapshot_id = ?"  # noqa: S608
NEW_SNAPSHOT = """INSERT INTO snapshot (uid, county_id, kind, dated, brought_by_id, brought_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (county_id, kind, dated) DO NOTHING"""
CHUNK = 5000
SEX_CODES = {label: code for code, label in SEXES.items()}


class Line(NamedTuple):
    """One child of the list, clean: `plain` in the order of PLAIN."""

    id_number: str
    id_index: bytes
    certificate: str
    plain: tuple


@dataclass
class CountyList:
    """What of the file belongs to one county: lines to add, and lines to correct with (id, uid) of the row that stands."""

    snapshot_uid: str = ""  # of the list that stood when the file was read; an id may come again
    new: list[Line] = field(default_factory=list)
    changed: list[tuple[Line, int, str]] = field(default_factory=list)


@dataclass
class DatedList:
    kind: str
    dated: datetime.date
    counties: dict[int, CountyList] = field(default_factory=dict)


def plan_household_registry(tables, *, by, school_year: int | None = None, on: datetime.date | None = None) -> Plan:
    return plan_list("household_registry", tables, by, on)


def plan_monitored_households(tables, *, by, school_year: int | None = None, on: datetime.date | None = None) -> Plan:
    return plan_list("monitored_households", tables, by, on)


def plan_disabled_children(tables, *, by, school_year: int | None = None, on: datetime.date | None = None) -> Plan:
    return plan_list("disabled_children", tables, by, on)


def plan_own_list(tables, *, by, school_year: int | None = None, on: datetime.date | None = None, list_kind: ListKind | None = None) -> Plan:
    """A list of a kind that the county named itself."""
    if list_kind is None:
        raise Refused("请说明是哪一种名单；还没有的，先在「部门名单」里新增名单种类。")
    return plan_list(list_kind.code, tables, by, on, list_kind.county_id)


def plan_list(kind: str, tables, by, on: datetime.date | None, county_id: int | None = None) -> Plan:
    """Reads only. `on` is the day that the list speaks of, today when left out; Refused when it is still to come. `county_id`: the one whose list it is."""
    day = day_or_refused(on)
    counties = [each for each in by.counties_within(Permission.CENSUS_IMPORT) if county_id in (None, each)]
    if not counties:
        raise Forbidden("你没有导入「%(kind)s」的权限，请由县教育局导入。", kind=Phrase(label_of(kind)))
    plan = Plan(payload=DatedList(kind, day))
    county_of, home_of = places_of(counties)
    found: dict[int, dict[bytes, Line]] = {county: {} for county in counties}
    mentioned: set[bytes] = set()
    for table in tables:
        check = Check(table, plan)
        refuse_long(check, LIMITS)
        read_lines(check, county_of, home_of, found, mentioned)
    for county, lines in found.items():
        compare(plan, county, lines, mentioned)
    return plan


def day_or_refused(on: datetime.date | None) -> datetime.date:
    today = today_in_china()
    if on is not None and on > today:
        raise Refused("名单日期 %(day)s 还没到，请填写名单是哪一天的，不能晚于今天。", day=on.isoformat())
    return on or today


def places_of(counties: list[int]) -> tuple[Callable, Callable]:
    """(county of a division code or None, id of the village, else township, else county that it names in a county or None)."""
    kinds = ("county", "township", "village")
    places = Org.select(Org.county_id, Org.code, Org.id, Org.kind).where(Org.county.in_(counties) & Org.kind.in_(kinds)).tuples()
    known = {(county, code): id_ for county, code, id_, _kind in places}
    codes = {code: id_ for _county, code, id_, kind in places if kind == "county"}
    homes: dict[tuple[int, str], int | None] = {}

    def county_of(code: str) -> int | None:
        return counties[0] if len(counties) == 1 else codes.get(code[:6])

    def home_of(county: int, code: str) -> int | None:
        if (county, code) not in homes:
            within = (known.get((county, code[:length])) for length in (12, 9, 6))
            homes[county, code] = next((home for home in within if home), None)
        return homes[county, code]

    return county_of, home_of


def read_lines(check: Check, county_of, home_of, found: dict[int, dict[bytes, Line]], mentioned: set[bytes]) -> None:
    """Puts every good row to its county; the first of two rows with one ID counts."""
    index = keyer("index_id")
    columns = [check.column(key) for key in KEYS]
    for i, values in enumerate(zip(*columns, strict=True)):
        row = dict(zip(KEYS, values, strict=True))
        if not row["id_number"]:
            continue
        key = index(row["id_number"])
        is_double = key in mentioned
        mentioned.add(key)
        if is_double:
            check.refuse(i, "id_number", "duplicate_in_file", "这个身份证号在表里出现了两次，只保留第一行。")
        county = county_of(row["home_code"] or "")
        if i in check.refused_rows or refuse_row(check, i, row, county):
            continue
        warn_row(check, i, row)
        found[county][key] = line_of(row, key, home_of(county, row["home_code"] or ""))


def refuse_row(check: Check, i: int, row: dict, county: int | None) -> bool:
    if county is None:
        check.refuse(i, "home_code", "unknown_division", "你管着几个县，这一行的户籍地不在其中，看不出是哪个县的名单。请按县分开导入。")
    elif row["listed_on"] and row["cleared_on"] and row["cleared_on"] < row["listed_on"]:
        check.refuse(i, "cleared_on", "bad_date", "风险消除日期早于纳入日期，请核对。")
    else:
        return False
    return True


def line_of(row: dict, key: bytes, home: int | None) -> Line:
    """Sex and day of birth, when the list does not tell them, are those inside the ID."""
    number = row["id_number"]
    row["sex"] = row["sex"] or SEX_CODES.get(id_sex(number) or "", "")
    row["born_on"] = row["born_on"] or id_birth(number)
    row["home_id"] = home
    plain = tuple(row[name] if name in DAYS or name == "home_id" else row[name] or "" for name in PLAIN)
    return Line(number, key, row["certificate"] or "", plain)


def compare(plan: Plan, county: int, lines: dict[bytes, Line], mentioned: set[bytes]) -> None:
    """Sorts the lines into new, changed and the same, against the list of this day that stands."""
    snapshot = Snapshot.get_or_none(of_day(plan.payload, county))
    standing = standing_lines(snapshot)
    mine = plan.payload.counties[county] = CountyList(snapshot.uid if snapshot else "")
    for key, line in lines.items():
        before = standing.get(key)
        if before is None:
            mine.new.append(line)
            plan.created += 1
        elif before[2:] == (line.certificate, line.plain):
            plan.unchanged += 1
        else:
            mine.changed.append((line, *before[:2]))
            plan.updated += 1
    if left := len(standing.keys() - mentioned):
        plan.notices.append(
            f"{label_of(plan.payload.kind)}（{plan.payload.dated.isoformat()}）里原有 {left} 人不在这次的文件里，仍然保留。"
            "如果这次的文件才是全部，请先在「名单比对」里删除这一天的名单，再导入一次。"
        )


def of_day(wanted: DatedList, county: int):
    """A condition on Snapshot: the county's list of this kind and day."""
    return (Snapshot.county == county) & (Snapshot.kind == wanted.kind) & (Snapshot.dated == wanted.dated)


def standing_lines(snapshot: Snapshot | None) -> dict[bytes, tuple]:
    """{key of the ID: (id, uid, certificate, plain)} of the list as it stands."""
    if snapshot is None:
        return {}
    unseal, days = unsealed_column(ListedChild.certificate), [PLAIN.index(name) for name in DAYS]
    found = {}
    for key, id_, uid, certificate, *plain in run_sql(STANDING, (snapshot.id,)):
        for place in days:
            plain[place] = as_day(plain[place])
        found[bytes(key)] = (id_, uid, unseal(uid, certificate) or "", tuple(plain))
    return found


def save_list(plan: Plan, *, by, progress=lambda done, total: None) -> None:
    """One transaction and one entry in the trail for each county's list; seals are made before it."""
    for county, lines in plan.payload.counties.items():
        if lines.new or lines.changed:
            save_county_list(plan.payload, county, lines, by, progress)


def save_county_list(wanted: DatedList, county: int, lines: CountyList, by, progress) -> None:
    added, corrected = rows_to_add(lines.new), rows_to_correct(lines.changed)
    with transaction():
        snapshot = find_or_make_snapshot(wanted, county, by)
        if lines.snapshot_uid not in ("", snapshot.uid):
            raise Refused("这一天的名单刚被删除，没有导入。请重新导入一次。")
        written = 0
        for start in range(0, len(added), CHUNK):
            written += run_many(INSERT, [(uid, snapshot.id, *rest) for uid, *rest in added[start : start + CHUNK]])
            progress(min(start + CHUNK, len(added)), len(added) + len(corrected))
        written += run_many(UPDATE, [(*row, snapshot.id) for row in corrected])
        record(
            action="census.save_list",
            by=by,
            object_kind="snapshot",
            object_id=snapshot.uid,
            count=written,
            reason=f"{wanted.kind} {wanted.dated.isoformat()}",
            county_id=county,
        )


def rows_to_add(lines: list[Line]) -> list[tuple]:
    """In the order of INSERT, without the snapshot."""
    uids = [new_uid() for _ in lines]
    numbers = seal_values(ListedChild.id_number, uids, [line.id_number for line in lines])
    certificates = seal_values(ListedChild.certificate, uids, [line.certificate for line in lines])
    sealed = zip(uids, numbers, lines, certificates, strict=True)
    return [(uid, number, line.id_index, certificate, *stored(line.plain)) for uid, number, line, certificate in sealed]


def rows_to_correct(lines: list[tuple[Line, int, str]]) -> list[tuple]:
    """In the order of UPDATE, without the snapshot."""
    certificates = seal_values(ListedChild.certificate, [uid for _line, _id, uid in lines], [line.certificate for line, _id, _uid in lines])
    return [(certificate, *stored(line.plain), id_) for (line, id_, _uid), certificate in zip(lines, certificates, strict=True)]


def stored(plain: tuple) -> tuple:
    """Days as the driver of either database takes them."""
    return tuple(value.isoformat() if isinstance(value, datetime.date) else value for value in plain)


def find_or_make_snapshot(wanted: DatedList, county: int, by) -> Snapshot:
    """The list of this day, brought by whoever brings it now; two people may bring it at once."""
    run_sql(NEW_SNAPSHOT, (new_uid(), county, wanted.kind, wanted.dated.isoformat(), by.id, str(utcnow())))
    snapshot = Snapshot.get(of_day(wanted, county))
    snapshot.brought_by, snapshot.brought_at = by, utcnow()
    snapshot.save(only=[Snapshot.brought_by, Snapshot.brought_at])
    return snapshot

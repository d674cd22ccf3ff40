"""The audit trail under eight writers, and in the hands of an intruder: one entry for each change, and nothing changed unseen.

Ten entries are written for each round and one of them is tampered with in every way; a walk has to stop at the right entry.
"""

import contextlib
import itertools
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import peewee

from aidtracker import create_app, db
from aidtracker.audit import actions, anchors, queries
from aidtracker.audit.models import AuditEntry
from aidtracker.db import database, run_sql, today_in_china, transaction
from aidtracker.receipts.models import Receipt
from aidtracker.students import actions_looking
from tests import factories
from tests.cast import Client
from tests.drills import _changes, _intruder
from tests.drills.drill import Bug, Drill, Given, Outcome, swapped
from tests.tampering import chain_anew, disarm, refused

WRITERS = 8
NEAR = 5  # entries around the one that was touched: the walk begins behind such a one
WALK_WHOLE = 50  # one in so many edits is looked for from the first entry on
TABS = ("students.show_student", "students.list_guardians", "attendance.show_student", "visits.show_student", "cases.show_student", "aid.show_student")


def run(given: Given) -> Outcome:
    outcome = Outcome(given.rounds, zeros=dict.fromkeys(("failed", "forked", "half", "unrecorded", "allowed", "unseen", "wrong"), 0))
    with given.opened():
        world = _changes.make_world()
    app = create_app(given.settings())
    with db.database.connection_context():
        cut_off(outcome, world)
        look(outcome, world, app)
    if outcome.is_red:  # the rest would only stumble
        return outcome
    write_at_once(outcome, world, given.rounds * 10)
    with db.database.connection_context():
        count_again(outcome)
        refuse(outcome)
        if outcome.is_red:
            return outcome
        kept = note_heads(given.folder / "kept")
        disarm()
        tamper(outcome, given)
        forget_and_rewrite(outcome, given, anchors.read_anchors(kept))
    ask_the_command(outcome, app, kept)
    return outcome


# One entry for each change, in its transaction.


def cut_off(outcome: Outcome, world) -> None:
    """Each real change, cut off at its first statement, its second, ... until it comes through."""
    cuts = 0
    for name, change in _changes.changes(world).items():
        for statement in itertools.count(1):
            before = (_changes.state(), _changes.entries())
            try:
                with _changes.cut_at(statement):
                    change()
                break
            except (_changes.Cut, peewee.DatabaseError):  # the latter hides a cut behind its own rollback
                cuts += 1
                if (_changes.state(), _changes.entries()) != before:
                    return outcome.found("half", f"{name}, cut off at statement {statement}, left something behind")
        if _changes.entries() != before[1] + 1:
            return outcome.found("half", f"{name} left {_changes.entries() - before[1]} entries")
        check_inside(outcome, name, change)
    outcome.facts["statements cut off"] = cuts
    if cuts < 20:
        outcome.found("failed", f"only {cuts} statements could be cut off")
    return None


def check_inside(outcome: Outcome, name: str, change) -> None:
    """The entry stands there before the commit, and goes with the change when that is taken back."""
    if name in ("take_roll", "case"):  # happen once
        return
    before = _changes.entries()
    with undone():
        change()
        inside = _changes.entries()
    if (inside, _changes.entries()) != (before + 1, before):
        outcome.found("half", f"{name} has its entry outside the transaction: {inside - before} inside, {_changes.entries() - before} left")


@contextlib.contextmanager
def undone() -> Iterator[None]:
    with database.atomic() as all_of_it:
        yield
        all_of_it.rollback()


def write_at_once(outcome: Outcome, world, wanted: int) -> None:
    """Eight processes, each change with its entry; one in seven is taken back at the last moment. All look at the same pupils."""
    each = max(1, wanted * 7 // 6 // WRITERS)
    todo = [(writer, each, world.teacher.id, [pupil.id for pupil in world.pupils[2:]]) for writer in range(WRITERS)]
    with multiprocessing.get_context("fork").Pool(WRITERS) as pool:
        done = pool.map(write_some, todo, chunksize=1)
    failures = [words for _, _, words in done for words in words]
    for words in failures:
        outcome.found("failed", words)
    with db.database.connection_context():
        told = {(entry.object_id, entry.id) for entry in AuditEntry.select().where(AuditEntry.action == "drill.write")}
        kept = {key for (key,) in Receipt.select(Receipt.key).where(Receipt.kind == "drill").tuples()}
        looks = AuditEntry.select().where((AuditEntry.action == "students.view_student") & (AuditEntry.actor_id == world.teacher.id))
        seen = [entry.object_id for entry in looks]
    acked = {ack for acks, _, _ in done for ack in acks}
    for key in kept ^ {key for key, _ in told}:
        outcome.found("half", f"{key}: a change without an entry, or the other way round")
    for key, number in acked ^ told:
        outcome.found("wrong", f"{key} was told as entry {number}, which is not what stands there")
    if sorted(seen) != sorted(pupil.uid for pupil in world.pupils[2:]):
        outcome.found("unrecorded", f"{len(seen)} looks at {len(world.pupils) - 2} pupils are on record")
    outcome.facts |= {"written by 8 at once": len(acked), "taken back": sum(number for _, number, _ in done)}


def write_some(todo: tuple) -> tuple:
    writer, many, teacher_id, pupil_ids = todo
    acks, taken_back, failures = [], 0, []
    with db.database.connection_context():
        teacher = _changes.User.get_by_id(teacher_id)
        for n in range(many):
            key = f"{writer}-{n}"
            try:
                actions_looking.view_students(ids=pupil_ids, by=teacher)
                acks.append((key, write_one(key, teacher if n % 3 else None, n)))
            except _changes.Cut:
                taken_back += 1
            except peewee.DatabaseError as error:
                failures.append(f"writer {writer}: {type(error).__name__} {str(error)[:80]}")
    return acks, taken_back, failures


def write_one(key: str, by, n: int) -> int:
    about = {"object_kind": "drill", "object_id": key, "fields": ("name", "phone")[: n % 3], "county_id": n % 4 or None}
    with transaction():
        Receipt.create(user_id=1, key=key, kind="drill", body_hash=b"x", number=key)
        number = actions.record(action="drill.write", by=by, count=n % 5 or None, reason=f"第{n}次，核对「{key}」" if n % 2 else "", **about)
        if n % 7 == 3:
            raise _changes.Cut
    return number


def count_again(outcome: Outcome) -> None:
    """No gap, no fork, and the chain holds."""
    (number, distinct, last) = run_sql("SELECT count(*), count(DISTINCT previous), max(id) FROM audit_entry").fetchone()
    if not number == distinct == last:
        outcome.found("forked", f"{number} entries, {distinct} of them with a predecessor of their own, the last is number {last}")
    broken = queries.first_broken_entry()
    if broken is not None:
        outcome.found("wrong", f"the chain does not hold at entry {broken}, and nobody touched it")
    if number < outcome.rounds * 9:
        outcome.found("failed", f"only {number} entries were written")
    outcome.facts["entries"] = number


# Looks.


def look(outcome: Outcome, world, app) -> None:
    """A signed-in official opens two pupils, page after page; another's page tells who looked."""
    client = Client(app)
    client.post("accounts.sign_in", {"username": world.officer.username, "password": factories.PASSWORD})
    before = AuditEntry.select().where(AuditEntry.action == "students.view_student").count()
    for pupil, endpoint in itertools.product(world.pupils[:2], TABS * 2):
        client.get(endpoint, student_id=pupil.id)
    looks = AuditEntry.select().where(AuditEntry.action == "students.view_student").count() - before
    if looks != 2:
        outcome.found("unrecorded", f"2 pupils were opened {len(TABS) * 2} times each, {looks} looks are on record")
    if "看过学生资料" not in client.get("students.list_changes", student_id=world.pupils[0].id).text:
        outcome.found("unrecorded", "the pupil's page does not tell who looked")
    outcome.facts["pages of pupils"] = len(TABS) * 4


# What the database refuses.


def refuse(outcome: Outcome) -> None:
    for statement in refused():
        try:
            with undone():
                run_sql(statement)
        except peewee.PeeweeException as error:
            if "an audit entry" not in str(error):
                outcome.found("wrong", f"refused for another reason: {statement[:60]}: {error}")
        else:
            outcome.found("allowed", statement[:80])
    outcome.facts["statements refused"] = len(refused())


# What only the chain shows.


def tamper(outcome: Outcome, given: Given) -> None:
    """Every tenth entry, the first two and the last: each column edited, then removed, swapped, forged."""
    last, edits = queries.head()[0], 0
    chosen = sorted({1, 2, last - 1, last, *range(10, last, 10)})
    for at in chosen:
        row = _intruder.entry(at)
        for what, values, where in _intruder.edits(row, last):
            with undone():
                _intruder.write(at, **values)
                edits += judge(outcome, f"{what} of entry {at}", at, where, last, edits)
        for act in _intruder.EVERYWHERE if at < last else (_intruder.appended, _intruder.made_anew_without_the_key, _intruder.taken_from_a_copy, _intruder.taken_with_its_link):
            with undone():
                where = act(at, last)
                edits += judge(outcome, f"entry {at} {act.__name__}", at, where, last, edits)
    for at in given.random.sample(chosen, 3):
        with undone():
            edits += judge(outcome, f"entry {at} inserted", at, _intruder.inserted(at, last), last, edits)
    outcome.facts |= {"entries tampered with": len(chosen), "edits": edits}


def judge(outcome: Outcome, what: str, at: int, where: int, last: int, edits: int) -> int:
    """The walk must stop where the edit shows; near it, and for some of them from the first entry on."""
    near = {"since": max(0, min(at, where) - NEAR)} | ({"until": where + NEAR} if where + NEAR < last else {})
    for found in [queries.first_broken_entry(**near), *([queries.first_broken_entry()] if edits % WALK_WHOLE == 0 or at == last else [])]:
        if found is None:
            outcome.found("unseen", what)
        elif found != where:
            outcome.found("wrong", f"{what} was found at {found}, not at {where}")
    return 1


# What only a head shows that was noted elsewhere.


def note_heads(path: Path) -> Path:
    """Ten of them on the way, as on ten days, and the last."""
    last, _ = queries.head()
    for number, mac in sorted(queries.macs_of(list(range(last // 10, last, last // 10))).items()):
        anchors.append_anchor(path, anchors.Anchor(number, mac, "2026-11-02 08:00:00"))
    anchors.append_anchor(path, anchors.present_anchor())
    return path


def forget_and_rewrite(outcome: Outcome, given: Given, kept: list) -> None:
    """The tail is cut, also with the trail going on afterwards; the chain is made anew by somebody who has the key."""
    last, times = queries.head()[0], 3 + given.rounds // 100
    if anchors.first_unmet(kept):
        outcome.found("wrong", "a head that was noted is not met, and nobody touched the chain")
    for at in [last - 1, *(given.random.randrange(1, last) for _ in range(times))]:
        with undone():
            _intruder.tail_cut(at)
            judge_heads(outcome, f"the tail behind {at} cut", kept, at + 1)
        with undone():
            _intruder.tail_cut(max(0, last - 3))
            for n in range(5):
                write_one(f"after-{n}", None, 0)
            judge_heads(outcome, "the tail cut, and the trail went on", kept, last - 2)
        with undone():
            _intruder.write(at, reason="x")
            chain_anew(at)
            judge_heads(outcome, f"made anew from {at} on with the key", kept, at)
    outcome.facts |= {"heads noted": len(kept), "cut or made anew": 3 * (times + 1)}


def judge_heads(outcome: Outcome, what: str, kept: list, since: int) -> None:
    expected = min(anchor.number for anchor in kept if anchor.number >= since)
    if queries.first_broken_entry() is not None:
        outcome.found("wrong", f"{what}: not done well, the chain itself shows it")
    unmet = anchors.first_unmet(kept)
    if unmet is None:
        outcome.found("unseen", what)
    elif unmet.number != expected:
        outcome.found("wrong", f"{what} shows at head {unmet.number}, not at {expected}")


def ask_the_command(outcome: Outcome, app, kept: Path) -> None:
    """verify-audit says so, by its exit status and the entry: untouched, cut, edited."""
    with db.database.connection_context():
        last = queries.head()[0]
    asked = {"untouched": (None, 0, f"{last} 条"), "cut": (lambda: _intruder.tail_cut(last - 2), 1, f"第 {last - 1} 条")}
    asked["edited"] = (lambda: _intruder.write(last - 4, reason="x"), 1, f"第 {last - 4} 条")
    for what, (act, status, words) in asked.items():
        with db.database.connection_context(), transaction():
            if act:
                act()
        with app.app_context():
            said = app.test_cli_runner().invoke(args=["verify-audit", "--anchor", str(kept)])
        if said.exit_code != status or words not in said.output:
            outcome.found("wrong" if said.exit_code else "unseen", f"{what}: verify-audit exits {said.exit_code}: {said.output.strip()[:120]}")
    with db.database.connection_context():
        anchors.note_daily(app.config["SETTINGS"].instance, today_in_china())
        if [anchor.number for anchor in anchors.read_anchors(app.config["SETTINGS"].instance / anchors.FILE)] != [last - 2]:
            outcome.found("wrong", "the head of the day was not noted")


# Mistakes that somebody might make.


@contextlib.contextmanager
def nobody_waits() -> Iterator[None]:
    def deferred(real):
        def opened(url):
            found = real(url)
            if isinstance(found, peewee.SqliteDatabase):
                found._lock_type = "DEFERRED"
            return found

        return opened

    with (
        swapped("aidtracker.audit.actions.wait_for_the_chain", lambda real: lambda: None),
        swapped("aidtracker.db.WriterQueue", lambda real: lambda path: real(None)),
        swapped("aidtracker.db.open_database", deferred),
    ):
        yield


def after_the_commit(real):
    """The entry is written when the change has been committed."""

    def record(**told):
        def later():
            with transaction():
                real(**told)

        database.after_commit(later)
        return 0

    return record


def without_triggers(real):
    def seeded():
        real()
        with transaction():
            disarm()

    return seeded


def bug(name: str, what: str, *swaps: tuple, rounds: int = 0) -> Bug:
    @contextlib.contextmanager
    def plant():
        with contextlib.ExitStack() as all_of_them:
            for place, other in swaps:
                all_of_them.enter_context(swapped(place, other))
            yield

    return Bug("audit", name, what, plant, rounds)


BUGS = (
    Bug("audit", "nobody-waits", "no lock on PostgreSQL; on SQLite no queue and no IMMEDIATE", nobody_waits),
    bug("no-reason", "the mac leaves out the reason", ("aidtracker.audit.chain.mac_of", lambda real: lambda row, previous: real(row | {"reason": ""}, previous))),
    bug("no-previous", "the mac leaves out the one before", ("aidtracker.audit.chain.mac_of", lambda real: lambda row, previous: real(row, bytes(32)))),
    bug("no-last", "the walk leaves out the last entry", ("aidtracker.audit.queries.entries_after", lambda real: lambda *given: list(real(*given))[:-1])),
    bug("stops-early", "the walk ends after a hundred", ("aidtracker.audit.queries.entries_after", lambda real: lambda *given: itertools.islice(real(*given), 100))),
    bug("no-link", "the walk does not compare the predecessor", ("aidtracker.audit.chain.fits", lambda real: lambda row, previous: real(row, row["previous"]))),
    bug("afterwards", "the entry is written after the commit", ("aidtracker.audit.actions.record", after_the_commit)),
    bug("no-trigger", "the database lets entries be changed", ("aidtracker.operation.migration.seed_national_days", without_triggers)),
    bug("no-anchor", "heads that were noted are not looked at", ("aidtracker.audit.anchors.first_unmet", lambda real: lambda kept: None)),
    bug("short-anchor", "a head past the end is taken for one to come", ("aidtracker.audit.anchors.first_unmet", lambda real: lambda kept: real([one for one in kept if one.number <= queries.head()[0]]))),
    bug("no-look", "who opens a pupil's page is not on record", ("aidtracker.students.actions_looking.view_student", lambda real: lambda **_: None)),
    bug("every-look", "each page of a pupil is a look of its own", ("aidtracker.students.actions_looking.has_seen_today", lambda real: lambda *_: False)),
)  # fmt: skip

DRILL = Drill("audit", __doc__.partition("\n")[0], run, rounds=1000, short=20, bugs=BUGS)

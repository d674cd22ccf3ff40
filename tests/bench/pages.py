"""R2 to R4: taking the roll, against a bare view in the same process."""

import re
import uuid

from aidtracker.accounts.actions import create_user
from aidtracker.accounts.models import User
from aidtracker.db import database, is_sqlite
from aidtracker.orgs.models import Org
from tests.bench.clock import Measure, ratio
from tests.bench.house import PASSWORD

# A machine whose speed changes within tenths of a second is asked in many short turns rather than in nine long ones.
OFTEN = {"rounds": 61, "times": 3}


def teacher_client(house):
    """A signed-in teacher of the first school; made once."""
    if not hasattr(house, "client"):
        school = Org.get_by_id(house.classes[0].parent_id)
        create_user(username="teacher", name="张老师", password=PASSWORD, role="teacher", org=school, by=None)
        User.update(must_change_password=False).execute()
        house.client = house.app.test_client()
        page = house.client.get("/sign-in").text
        sent = {"username": "teacher", "password": PASSWORD, **hidden(page)}
        assert house.client.post("/sign-in", data=sent).status_code == 303
    return house.client


def hidden(page: str) -> dict:
    return dict(re.findall(r'name="(csrf_token|key)"[^>]*value="([^"]*)"', page))


def say_hello(house):
    client = house.hello.test_client()
    return lambda: client.get("/")


def my_classes(house):
    school = house.classes[0].parent_id
    return [room for room in house.classes if room.parent_id == school]


def submit(house) -> float:
    """R2: a new roll of 45 with three absent, each time of another class, day or session."""
    client = teacher_client(house)
    room, day = my_classes(house)[0], house.days[-1]
    token = hidden(client.get(f"/roll/{room.id}/{day}/morning").text)["csrf_token"]
    # The teacher may hand in the last days; older ones are corrections and another matter.
    places = [(r, d, s) for r in my_classes(house)[:-1] for d in house.days[-4:] for s in ("morning", "afternoon")]
    pupils = {r.id: [i for (i,) in database.execute_sql(f"SELECT id FROM student WHERE class_org_id = {r.id} LIMIT 3")] for r, _, _ in places}
    todo = iter(places)

    def send():
        room, day, session = next(todo)
        absent = pupils[room.id]
        marks = {f"mark-{i}": mark for i, mark in zip(absent, ("sick_leave", "unexcused", "late"), strict=True)}
        data = {"csrf_token": token, "key": str(uuid.uuid4()), "base_revision": "0", "absent": absent, **marks}
        answer = client.post(f"/roll/{room.id}/{day}/{session}", data=data)
        assert answer.status_code == 303, answer.text[:500]

    return ratio(send, say_hello(house), rounds=len(places) // 3 - 1, times=3, other_times=60)


def open_page(house) -> float:
    """R3: the page of a roll not yet taken."""
    client, url = teacher_client(house), roll_address(house)
    assert client.get(url).text.count('class="tile') >= 40
    return ratio(lambda: client.get(url), say_hello(house), **OFTEN, other_times=30)


def open_page_raw(house) -> float:
    """R4: the same page, against the same SQL and one f-string in a bare view."""
    client, url = teacher_client(house), roll_address(house)
    page = client.get(url).text
    before, _, rest = page.partition('<div class="tiles">')
    after = rest[rest.rindex("</select></div>") + len("</select></div>") :]
    options = re.search(r"<select[^>]*>(.*?)</select>", page)[1]
    room, day = my_classes(house)[-1], house.days[-1]
    raw = raw_page(before, after, options, room.id, day)
    house.hello.view_functions.setdefault("raw", raw)
    if "raw" not in {rule.endpoint for rule in house.hello.url_map.iter_rules()}:
        house.hello._got_first_request = False
        house.hello.add_url_rule("/raw", "raw", raw)
    bare = house.hello.test_client()
    assert abs(len(bare.get("/raw").text) - len(page)) < len(page) / 10
    return ratio(lambda: client.get(url), lambda: bare.get("/raw"), **OFTEN, other_times=9)


def raw_page(before, after, options, class_id, day):
    mark = "?" if is_sqlite() else "%s"
    sql = f"""SELECT s.id, e.seat, s.name, e.mode FROM enrollment e JOIN student s ON s.id = e.student_id
        WHERE e.class_org_id = {mark} AND e.starts_on <= {mark} AND (e.ends_on IS NULL OR e.ends_on >= {mark})
        AND e.mode <> 'home_taught' ORDER BY e.seat IS NULL, e.seat, s.pinyin, s.id"""

    def show():
        rows = database.execute_sql(sql, (class_id, str(day), str(day))).fetchall()
        tiles = "\n".join(
            f'<div class="tile"><input type="checkbox" name="absent" value="{i}" id="a{i}" aria-label="{n} 号 {name} 缺勤">'
            f'<label class="face" for="a{i}"><small>{n}{" 住" if mode == "boarding" else ""}</small><i></i><b>{name}</b></label>'
            f'<select name="mark-{i}" aria-label="{name} 的原因">{options}</select></div>'
            for n, (i, _seat, name, mode) in enumerate(rows, 1)
        )
        return f'{before}<div class="tiles">{tiles}{after}'

    return show


def roll_address(house) -> str:
    """A class whose rolls nobody takes here."""
    return f"/roll/{my_classes(house)[-1].id}/{house.days[-1]}/afternoon?edit=1"


MEASURES = {
    "R2": Measure(30, "submit of a 45-pupil roll, CPU / hello", submit),
    "R3": Measure(20, "45-pupil roll page, CPU / hello", open_page),
    "R4": Measure(8, "roll page, CPU / raw SQL and f-string of the same page", open_page_raw),
}

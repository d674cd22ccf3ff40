"""催报文字: who has not reported, for the WeChat group of a place; places only, never a pupil."""

import datetime
from collections import defaultdict

from aidtracker.attendance.board import Board, Line
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.orgs.models import Org
from aidtracker.practice import marked

END = "请班主任尽快登录提交，全勤也要提交；没有课的请登记无课。辛苦了！"


def reminder(board: Board, now: datetime.datetime) -> str:
    """Classes and schools by session; of townships their schools, a line for each. `now` is the time in China; '' when all have reported."""
    parts = by_township(board) if any(line.kind == "township" for line in board.lines) else by_session(board)
    if not parts:
        return ""
    at = f" {now:%H:%M}" if board.on == now.date() else ""
    return "\n".join([marked(f"【点名提醒】{board.on.isoformat()}{at}，以下还没有提交点名："), *parts, END])


def by_session(board: Board) -> list[str]:
    parts = []
    for session in board.sessions:
        missing = [line for line in board.lines if line.missing(session)]
        if missing:
            parts.append(f"{SESSIONS[session]}：" + "、".join(name_with_count(line, session) for line in missing))
    return parts


def name_with_count(line: Line, session: str) -> str:
    return line.name if line.kind == "class" else f"{line.name}（{line.missing(session)} 个班）"


def by_township(board: Board) -> list[str]:
    """双河镇：双河镇中心小学（上午 2 个班、下午 1 个班）、……"""
    schools = {school for _line, school, _session in board.gaps}
    names = {id_: (code, name) for id_, code, name in Org.select(Org.id, Org.code, Org.name).where(Org.id.in_(schools)).tuples()} if schools else {}
    found: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for session in board.sessions:
        for (line, school, missed), count in board.gaps.items():
            if missed == session:
                found[line][school].append(f"{SESSIONS[session]} {count} 个班")
    parts = []
    for line in board.lines:
        of_line = sorted(found.get(line.org_id, {}).items(), key=lambda pair: names[pair[0]])
        if of_line:
            parts.append(f"{line.name}：" + "、".join(f"{names[school][1]}（{'、'.join(gaps)}）" for school, gaps in of_line))
    return parts

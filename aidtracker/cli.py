"""The commands of `flask --app wsgi`: exit 0 done, 1 done but some input was refused, 2 cannot be done."""

import json
import os
import re
import sys
from contextlib import contextmanager, nullcontext
from functools import wraps
from pathlib import Path

import click
import peewee
from flask import Flask, current_app, has_app_context

from aidtracker.accounts.actions import create_user
from aidtracker.accounts.models import User
from aidtracker.accounts.queries import user_or_none
from aidtracker.audit.anchors import FILE as ANCHORS
from aidtracker.audit.anchors import append_anchor, first_unmet, present_anchor, read_anchors
from aidtracker.audit.queries import first_broken_entry, head
from aidtracker.census.list_kinds import visible_list_kinds
from aidtracker.config import Settings, load_settings, prepare_instance
from aidtracker.crypto.keyring import unit
from aidtracker.crypto.shares import NEEDED, SHEETS
from aidtracker.db import china_time, database, init_database, today_in_china
from aidtracker.demo.actions import open_demo
from aidtracker.demo.actions_practice import open_practice, reset_practice
from aidtracker.demo.serving import address_of, refuse_taken_port, serve
from aidtracker.demo.staff import PASSWORD, accounts
from aidtracker.demo.words import words_of as words_of_demo
from aidtracker.demo.words import words_of_practice
from aidtracker.errors import CannotStart, Refused
from aidtracker.excel import cells
from aidtracker.imports.actions import end_command_import, keep_command_import
from aidtracker.imports.intake import commit_plan, plan_tables, read_file, typed_school_year
from aidtracker.imports.kinds import KINDS
from aidtracker.operation.actions_backup import check_backup, make_backup, restore_backup
from aidtracker.operation.actions_moving import move_to_postgresql
from aidtracker.operation.actions_paper import print_paper_key, restore_key
from aidtracker.operation.actions_rotation import INDEXES, SEALED, change_key_file, rotate_key
from aidtracker.operation.migration import migrate
from aidtracker.orgs.queries import org_by_code
from aidtracker.permissions import ROLES
from aidtracker.reports.run import run_report
from aidtracker.schema import MODELS
from aidtracker.setup.actions import begin_county


def register(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)


def cannot(message: str):
    """One line on standard error, exit 2."""
    click.echo(message, err=True)
    sys.exit(2)


class OneLine(click.Command):
    """Says in one line what is wrong with its arguments, as with everything else."""

    def parse_args(self, ctx, args):
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            words = " ".join(error.format_message().split())
            cannot(f"{words} 用法见：flask --app wsgi {self.name} --help")


def command(name: str, needs_database: bool = True, is_unit: bool = True):
    """A command whose refusals are one clear line. `is_unit`: it works with the keys that it finds, and none is changed meanwhile."""

    def wrap(function):
        @click.command(name, cls=OneLine, help=function.__doc__)
        @wraps(function)
        def run(*args, **kwargs):
            try:
                if not needs_database:
                    return function(*args, **kwargs)
                with database.connection_context(), unit() if is_unit else nullcontext():
                    return function(*args, **kwargs)
            except Refused as refused:
                cannot(refused.message)
            except CannotStart as error:
                cannot(str(error))
            except (peewee.OperationalError, peewee.ProgrammingError) as error:
                cannot(f"数据库打不开或还没有建好（{type(error).__name__}）。请核对 DATABASE_URL，并先运行 flask --app wsgi migrate。")

        return run

    return wrap


def settings_here() -> Settings:
    """Of the site that is up, or of one that does not start: its database is damaged or newer, or its keys are lost."""
    if has_app_context():
        return current_app.config["SETTINGS"]
    settings = load_settings()
    prepare_instance(settings)
    init_database(settings)
    return settings


def tell(data: dict, as_json: bool, text: str) -> None:
    click.echo(json.dumps(data, ensure_ascii=False) if as_json else text)


def acting_user(name: str):
    """The account that a command acts as; exit 2 when there is none."""
    user = user_or_none(name)
    if user is None or not user.is_active:
        cannot(f"没有用户「{name}」。请先用 create-user 建立，或核对 --as 后面的名字。")
    return user


@command("migrate", needs_database=False)
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
def migrate_command(as_json):
    """Create or upgrade the database; safe to repeat and to run from several processes at once."""
    applied = migrate(current_app.config["SETTINGS"])
    tell({"applied": applied}, as_json, f"已应用：{'、'.join(applied)}" if applied else "数据库已是最新。")


@command("create-user")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(list(ROLES)))
@click.option("--org", "org_code", required=True, help="Division code, school code, or SCHOOL/GRADE/CLASS.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the first password from standard input.")
@click.option("--json", "as_json", is_flag=True)
def create_user_command(name, role, org_code, password_stdin, as_json):
    """Open an account that holds a role at a place."""
    org = org_by_code(org_code)
    if org is None:
        cannot(f"没有代码为「{org_code}」的单位。请先导入行政区划、学校，或核对代码。")
    password = sys.stdin.readline().rstrip("\r\n")
    user = create_user(username=name, name=name, password=password, role=role, org=org, by=None)
    tell({"user": user.username, "role": role, "org": org.code}, as_json, f"已建立账号 {user.username}（{org.name}）。")


@command("begin")
@click.argument("code")
@click.option("--city", required=True, help="Name of the city above.")
@click.option("--county", required=True, help="Name of the county.")
@click.option("--admin", required=True, help="Name of the first administrator of the bureau.")
@click.option("--address", default="", help="Where the site will be found, as https://aid.example.cn: the invitation is printed as a link.")
@click.option("--json", "as_json", is_flag=True)
def begin_command(code, city, county, admin, address, as_json):
    """In an empty database: the county CODE (six digits), its city, and an invitation for its first administrator.

    The invitation is printed once and good for one use; its holder chooses a password, and brings in everything else.
    """
    slip = begin_county(code=code, city=city, county=county, person=admin)
    link = f"{address.rstrip('/')}/invitation"
    found = {"user": slip.user.username, "code": slip.code, "link": f"{link}#{slip.token}", "expires_at": slip.expires_at.isoformat(timespec="minutes")}
    until = china_time(slip.expires_at)
    where = f"打开 {found['link']}" if address else f"打开网站的 /invitation，填用户名和邀请码；或打开 网址{found['link']}"
    tell(found, as_json, f"{county}已建好。请 {admin} 在 {until:%Y-%m-%d %H:%M} 前{where}，自己设密码。\n用户名 {slip.user.username}　邀请码 {slip.code}（只显示这一次，只能用一次）")


@command("import")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("file", type=click.Path())
@click.option("--as", "name", help="Who brings it in; their scope holds.")
@click.option("--check", is_flag=True, help="Save nothing, answer as if it had been saved.")
@click.option("--school-year", help="Of the roster's grades, as 2020-2021 (default: the current one).")
@click.option("--dated", help="The day that another department's list speaks of (default: today).")
@click.option("--list", "label", help="Of other-list: the name of the county's own kind of list.")
@click.option("--json", "as_json", is_flag=True)
def import_command(kind, file, name, check, school_year, dated, label, as_json):
    """Bring in a workbook or CSV: good rows are saved, refused rows are listed."""
    user = importing_user(kind, name)
    year = typed_school_year(school_year) if school_year else None
    on = cells.day(dated) if dated else None
    own = own_list(user, label) if KINDS[kind].asks_list else None
    tables = read_file(KINDS[kind], file, Path(file).name)
    plan = plan_tables(KINDS[kind], tables, by=user, school_year=year, on=on, list_kind=own)
    if not check:
        kept = keep_command_import(kind=kind, path=Path(file), plan=plan, school_year=year, dated=on, list_kind=own, by=user) if user else None
        with progress_bar() as progress:
            commit_plan(KINDS[kind], plan, by=user, progress=progress, uid=kept.uid if kept else "")
        if kept:
            end_command_import(file=kept, plan=plan)
    tell(plan.outcome(kind), as_json, words_of(plan, check))
    sys.exit(1 if plan.refused else 0)


def own_list(user, label: str | None):
    """The county's own kind of list of this name."""
    known = {kind.label: kind for kind in visible_list_kinds(user)}
    if label not in known:
        cannot(f"没有叫「{label or ''}」的名单种类。{'现有：' + '、'.join(known) if known else '请先在「部门名单」里新增'}。")
    return known[label]


def importing_user(kind: str, name: str | None):
    """Divisions may come in before there is anybody to bring them."""
    if name is None:
        if kind == "divisions" and not User.select().exists():
            return None
        cannot("请用 --as 说明是谁导入。")
    return acting_user(name)


@contextmanager
def progress_bar(label: str = "导入"):
    """On standard error, when it is a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with click.progressbar(length=1, file=sys.stderr, label=label) as bar:

        def show(done, total):
            bar.length = total
            bar.update(done - bar.pos)

        yield show


def words_of(plan, check: bool) -> str:
    verb = "可导入" if check else "已导入"
    lines = [
        f"共 {plan.rows} 行：{verb} {plan.created + plan.updated} 行（新增 {plan.created}，修改 {plan.updated}），"
        f"没有变化 {plan.unchanged} 行，有错 {plan.refused} 行，提醒 {plan.warned} 行。"
    ]
    lines += plan.notices
    lines += [f"  {p.sheet} 第 {p.row} 行 {p.column}：{p.message}" for p in plan.problems[:50]]
    return "\n".join(lines)


@command("report")
@click.argument("name")
@click.option("--as", "actor", required=True, help="Who asks; their scope holds.")
@click.option("--format", "format_", default="json", show_default=True, help="json or xlsx.")
@click.option("--out", required=True, type=click.Path(), help="The file to write.")
@click.option("--county", help="Its code, for whoever may see several.")
@click.option("--school-year", "school_year", help="As 2020-2021.")
@click.option("--from", "first", help="First day, as 2021-03-29.")
@click.option("--to", "last", help="Last day, included.")
@click.option("--term", help="As 2021-spring.")
@click.option("--as-of", "as_of", help="The day that it speaks of.")
@click.option("--json", "as_json", is_flag=True)
def report_command(name, actor, format_, out, county, school_year, first, last, term, as_of, as_json):
    """Write a report: registry, attendance, visits, coverage, aid, matching. Each takes the options that it has; others are refused."""
    options = {"school-year": school_year, "from": first, "to": last, "term": term, "as-of": as_of}
    written = run_report(name, user=acting_user(actor), options=options, format=format_, out=out, county=county)
    tell(written, as_json, f"已写入 {written['out']}。")


@command("demo", needs_database=False)
@click.option("--port", default=8000, show_default=True, help="Where 127.0.0.1 serves it.")
@click.option("--no-serve", is_flag=True, help="Build it and stop.")
@click.option("--small", is_flag=True, help="One township, some 300 pupils.")
@click.option("--json", "as_json", is_flag=True)
def demo_command(port, no_serve, small, as_json):
    """On an empty database: build the demo county and serve it; on a database that holds it: serve it."""
    if not no_serve:
        refuse_taken_port(port)
    with progress_bar("演示县 Demo county") as progress:
        built = open_demo(settings=current_app.config["SETTINGS"], on=today_in_china(), small=small, progress=progress)
    with database.connection_context():
        found = accounts()
    address = address_of(port)
    tell(
        {"built": built, "address": address, "accounts": [account._asdict() | {"password": PASSWORD} for account in found]},
        as_json,
        words_of_demo(found, address, built),
    )
    if not no_serve:
        click.echo("按 Ctrl+C 停止 Press Ctrl+C to stop", err=True)
        serve(port)


@command("practice", needs_database=False)
@click.option("--port", default=8001, show_default=True, help="Where 127.0.0.1 serves it.")
@click.option("--no-serve", is_flag=True, help="Build it and stop.")
@click.option("--reset", is_flag=True, help="Back to the beginning now, also while it is served; and stop.")
@click.option("--json", "as_json", is_flag=True)
def practice_command(port, no_serve, reset, as_json):
    """Beside a real site: build a practice site in an empty SQLite database of its own and serve it. See bin/practice.

    Everybody in it is invented, every page and every file says so, and every night at three it begins anew. A database that is
    neither empty nor for practice is refused; one that is can never become anything else.
    """
    settings = current_app.config["SETTINGS"]
    if reset:
        reset_practice(settings=settings, on=today_in_china())
        return tell({"reset": True}, as_json, "练习站已清空重来，所有人需要重新登录。")
    if not no_serve:
        refuse_taken_port(port)
    with progress_bar("练习站 Practice site") as progress:
        built = open_practice(settings=settings, on=today_in_china(), progress=progress)
    with database.connection_context():
        found = accounts()
    address = address_of(port)
    told = {"built": built, "address": address, "accounts": [account._asdict() | {"password": PASSWORD} for account in found]}
    tell(told, as_json, words_of_practice(found, address))
    if not no_serve:
        click.echo("按 Ctrl+C 停止 Press Ctrl+C to stop", err=True)
        serve(port)


@command("audit-anchor")
@click.option("--out", type=click.Path(path_type=Path), help="Append the line to this file.")
@click.option("--json", "as_json", is_flag=True)
def audit_anchor_command(out, as_json):
    """Print the head of the audit chain as one line: number, mac, time.

    Keep the lines where nobody who can write to this server can change them: another machine, a printed page, the auditor's
    notebook. verify-audit --anchor FILE then shows a tail that was cut off, and a chain that was made anew with the key. The
    server notes one line a day by itself, in audit-anchors in the instance folder (chattr +a makes that file append-only);
    copy it away regularly. Exports carry number-mac in their watermark, which may stand in such a file too.
    """
    anchor = present_anchor()
    if out:
        append_anchor(out, anchor)
    tell({"number": anchor.number, "mac": anchor.mac, "noted": anchor.noted}, as_json, anchor.line)


@command("verify-audit")
@click.option("--anchor", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file of audit-anchor lines kept elsewhere.")
@click.option("--json", "as_json", is_flag=True)
def verify_audit_command(anchor, as_json):
    """Walk the audit chain; exit 1 and the first broken entry if it was tampered with.

    The heads that the server noted day by day must still be in the chain, and those of --anchor FILE.
    """
    anchors = read_anchors(current_app.config["SETTINGS"].instance / ANCHORS) + (read_anchors(anchor) if anchor else [])
    broken = first_broken_entry()
    if broken is not None:
        tell({"ok": False, "broken": broken}, as_json, f"审计记录第 {broken} 条对不上：有人改动过。")
        sys.exit(1)
    last, mac = head()
    unmet = first_unmet(anchors)
    if unmet is not None:
        broken, what = (last + 1, "起不见了") if unmet.number > last else (unmet.number, "或之前的被整段重写过")
        words = f"审计记录第 {broken} 条{what}：与 {unmet.noted or '留存'} 记下的第 {unmet.number} 条校验对不上。"
        tell({"ok": False, "broken": broken, "anchor": unmet.number}, as_json, words)
        sys.exit(1)
    found = {"ok": True, "entries": last, "head": mac, "anchors": len(anchors)}
    tell(found, as_json, f"审计记录完好：{last} 条，末条校验 {mac[:16]}，与留存的 {len(anchors)} 个校验都对得上。")


@command("rotate-keys", is_unit=False)
@click.argument("purposes", nargs=-1, type=click.Choice((*SEALED, *INDEXES)))
@click.option("--kek", is_flag=True, help="Change the key file instead: all keys are wrapped by a new instance/kek.")
@click.option("--json", "as_json", is_flag=True)
def rotate_keys_command(purposes, kek, as_json):
    """Replace data keys and seal what they sealed anew, then destroy the old ones; without PURPOSES every sealing key.

    The site goes on working. If the command is killed, give it again: it goes on where it stopped, and makes no new key before
    the old one is gone. Exit 1: something could not be opened, and its old key was kept.

    Keys of indexes (index_...) change only when named: the site answers nobody for as long as an index is written anew, some
    seconds. The keys of the audit trail and of receipts do not change: the trail is verified with its key for ever, and
    receipts are forgotten after 90 days.

    --kek leaves the old file as instance/kek.until-DATE. Backups made before open only with that one: store it with them,
    then delete it here, and copy the new instance/kek to where you keep your copies. Several servers on one PostgreSQL must
    share the instance folder.
    """
    settings = current_app.config["SETTINGS"]
    if kek and purposes:
        cannot("--kek 只更换密钥文件，请不要同时写用途。")
    if kek:
        count = change_key_file(instance=settings.instance)
        return tell({"kek": True, "keys": count}, as_json, f"密钥文件已更换，{count} 把密钥已重新包装。请把新的 instance/kek 另存一份。")
    done = []
    for purpose in purposes or SEALED:
        with progress_bar(purpose) as progress:
            done.append(rotate_key(purpose=purpose, models=MODELS, instance=settings.instance, progress=progress))
        if not as_json:
            click.echo(words_of_rotated(done[-1]))
    if as_json:
        tell({"rotated": [each.told() for each in done]}, True, "")
    sys.exit(1 if any(each.left for each in done) else 0)


def words_of_rotated(done) -> str:
    if done.left:
        return f"{done.purpose}：有 {len(done.left)} 处打不开，旧密钥先留着：{'、'.join(done.left[:20])}"
    return f"{done.purpose}：第 {done.kid} 把密钥，重新加密 {done.rows} 行、{done.files} 个文件，旧密钥已销毁。"


@command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True)
def backup_command(file, as_json):
    """Copy the database, consistent while the site works, into one sealed FILE; it is opened again before it counts.

    Only the key file opens it, and the key file is not in it: keep instance/kek, or its paper copy, somewhere else.
    """
    contents = make_backup(path=file, settings=current_app.config["SETTINGS"])
    rows = sum(contents["tables"].values())
    found = {"file": str(file), "rows": rows, **{key: contents[key] for key in ("made_at", "database", "size", "sha256")}}
    tell(found, as_json, f"已备份 {rows} 行到 {file}，并已打开核对。请另外保管 instance/kek：没有它，谁也打不开这个备份。")


@command("check-backup", needs_database=False)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True)
def check_backup_command(file, as_json):
    """Read all of a backup, and restore nothing."""
    contents = check_backup(path=file, settings=settings_here())
    rows = sum(contents["tables"].values())
    tell({"ok": True, "rows": rows, "made_at": contents["made_at"]}, as_json, f"备份完好：{contents['made_at']}（UTC）做的，{rows} 行。")


@command("restore", needs_database=False)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Replace what is in the database now.")
@click.option("--json", "as_json", is_flag=True)
def restore_command(file, replace, as_json):
    """Put the database back as it was when FILE was made; refuses a non-empty database without --replace.

    All of FILE is read and compared first; a wrong key, a cut or changed file, one of a newer version: nothing is touched. On
    a bare machine put the key file in place before: instance/kek, mode 600. Everybody must sign in again afterwards.

    Where the site does not start, because its database is damaged or of a newer version: bin/restore FILE --replace.
    """
    contents = restore_backup(path=file, settings=settings_here(), replace=replace)
    rows = sum(contents["tables"].values())
    tell({"rows": rows, "made_at": contents["made_at"]}, as_json, f"已恢复 {contents['made_at']}（UTC）的备份，{rows} 行。所有人需要重新登录。")


@command("move-to-postgresql")
@click.argument("url", default="")
@click.option("--json", "as_json", is_flag=True)
def move_to_postgresql_command(url, as_json):
    """Copy everything into the empty PostgreSQL database URL, and compare every row; this SQLite stays as it was.

    A URL with a password comes from AIDTRACKER_MOVE_TO, or from standard input with "-": arguments can be read by everybody here. Nobody can write meanwhile. Afterwards set DATABASE_URL to URL and start the site again; the instance folder stays the same.
    """
    url = address_to_move_to(url)
    with progress_bar("搬到 PostgreSQL") as progress:
        found = move_to_postgresql(url=url, settings=current_app.config["SETTINGS"], models=MODELS, progress=progress)
    tell({"tables": found}, as_json, f"已搬 {len(found)} 张表、{sum(found.values())} 行，逐行核对一致。请把 DATABASE_URL 改成新地址，再重新启动。")


def address_to_move_to(given: str) -> str:
    url = sys.stdin.readline().strip() if given == "-" else given or os.environ.get("AIDTRACKER_MOVE_TO", "")
    if not url:
        cannot("请给出空的 PostgreSQL 数据库的地址：放在环境变量 AIDTRACKER_MOVE_TO 里，或写「-」再从标准输入给出。")
    if url == given and has_password(url):
        cannot("命令行里的密码同一台机器上的人都看得到。请把地址放在环境变量 AIDTRACKER_MOVE_TO 里，或写「-」再从标准输入给出。")
    return url


def has_password(url: str) -> bool:
    """Before the @ or behind the ?, however it is spelled."""
    return bool(re.search(r"//[^/@]*:[^/]*@|[?&]password=", url, re.IGNORECASE))


@command("print-key")
@click.argument("sheet", type=click.IntRange(1, SHEETS))
def print_key_command(sheet):
    """One of the three sheets of paper, any two of which give the key file back: print each, hand them to three people."""
    share = print_paper_key(settings=current_app.config["SETTINGS"], by=None)[sheet - 1]
    click.echo(f"密钥纸 第 {sheet} 张，共 {SHEETS} 张（任意 {NEEDED} 张用 bin/restore-key 还原 instance/kek）\n\n{share.text}\n")


@command("restore-key", needs_database=False)
def restore_key_command():
    """Write instance/kek anew from two of the three sheets of paper, typed as two lines on standard input.

    Where the database is there and its key is not, the site does not start: give it as bin/restore-key.
    """
    settings = settings_here()
    typed = [line for line in sys.stdin.read().splitlines() if line.strip()]
    if len(typed) < NEEDED:
        cannot("请输入两张密钥纸上的字，每张一行，然后按 Ctrl-D。")
    path = restore_key(typed=typed, settings=settings)
    click.echo(f"已写入 {path}。请照常启动网站。")


COMMANDS = (
    migrate_command, begin_command, create_user_command, import_command, report_command, demo_command, practice_command, audit_anchor_command, verify_audit_command,
    rotate_keys_command, print_key_command, restore_key_command, backup_command, check_backup_command, restore_command,
    move_to_postgresql_command,
)  # fmt: skip

"""The commands of `flask --app wsgi`: exit 0 done, 1 done but some input was refused, 2 cannot be done."""

import json
import sys
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

import click
import peewee
from flask import Flask, current_app

from aidtracker.accounts.actions import create_user
from aidtracker.accounts.models import User
from aidtracker.accounts.queries import user_or_none
from aidtracker.audit.queries import first_broken_entry, head
from aidtracker.db import database, today_in_china
from aidtracker.demo.actions import open_demo
from aidtracker.demo.serving import address_of, refuse_taken_port, serve
from aidtracker.demo.staff import PASSWORD, accounts
from aidtracker.demo.words import words_of as words_of_demo
from aidtracker.errors import CannotStart, Refused
from aidtracker.excel import cells
from aidtracker.imports.intake import commit_plan, plan_tables, read_file, typed_school_year
from aidtracker.imports.kinds import KINDS
from aidtracker.operation.migration import migrate
from aidtracker.orgs.queries import org_by_code
from aidtracker.permissions import ROLES
from aidtracker.reports.run import run_report


def register(app: Flask) -> None:
    for command in (migrate_command, create_user_command, import_command, report_command, demo_command, verify_audit_command):
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


def command(name: str, needs_database: bool = True):
    """A command whose refusals are one clear line."""

    def wrap(function):
        @click.command(name, cls=OneLine, help=function.__doc__)
        @wraps(function)
        def run(*args, **kwargs):
            try:
                if not needs_database:
                    return function(*args, **kwargs)
                with database.connection_context():
                    return function(*args, **kwargs)
            except Refused as refused:
                cannot(refused.message)
            except CannotStart as error:
                cannot(str(error))
            except (peewee.OperationalError, peewee.ProgrammingError) as error:
                cannot(f"数据库打不开或还没有建好（{type(error).__name__}）。请核对 DATABASE_URL，并先运行 flask --app wsgi migrate。")

        return run

    return wrap


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


@command("import")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("file", type=click.Path())
@click.option("--as", "name", help="Who brings it in; their scope holds.")
@click.option("--check", is_flag=True, help="Save nothing, answer as if it had been saved.")
@click.option("--school-year", help="Of the roster's grades, as 2020-2021 (default: the current one).")
@click.option("--dated", help="The day that another department's list speaks of (default: today).")
@click.option("--json", "as_json", is_flag=True)
def import_command(kind, file, name, check, school_year, dated, as_json):
    """Bring in a workbook or CSV: good rows are saved, refused rows are listed."""
    user = importing_user(kind, name)
    year = typed_school_year(school_year) if school_year else None
    on = cells.day(dated) if dated else None
    tables = read_file(KINDS[kind], file, Path(file).name)
    plan = plan_tables(KINDS[kind], tables, by=user, school_year=year, on=on)
    if not check:
        with progress_bar() as progress:
            commit_plan(KINDS[kind], plan, by=user, progress=progress)
    tell(plan.outcome(kind), as_json, words_of(plan, check))
    sys.exit(1 if plan.refused else 0)


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
    """Write a report: registry, attendance, visits, aid, matching. Each takes the options that it has; others are refused."""
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


@command("verify-audit")
@click.option("--json", "as_json", is_flag=True)
def verify_audit_command(as_json):
    """Walk the audit chain; exit 1 and the first broken entry if it was tampered with."""
    broken = first_broken_entry()
    last, mac = head()
    if broken is not None:
        tell({"ok": False, "broken": broken}, as_json, f"审计记录第 {broken} 条对不上：有人改动过。")
        sys.exit(1)
    tell({"ok": True, "entries": last, "head": mac}, as_json, f"审计记录完好：{last} 条，末条校验 {mac[:16]}。")

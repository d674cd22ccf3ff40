"""The pages of long work: my jobs, one job with its progress, the file it made."""

import mimetypes
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from flask_login import current_user

from aidtracker.errors import NotFound
from aidtracker.jobs import actions, files, queries
from aidtracker.permissions import requires_login
from aidtracker.web.downloads import XLSX

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")


@blueprint.app_context_processor
def words_of_jobs():
    return {"job_title": queries.title_of, "job_unit": queries.unit_of, "job_seconds_left": queries.seconds_left, "job_message": queries.message_of}


@blueprint.get("/")
@requires_login
def list_jobs():
    return render_template("jobs/list_jobs.html", jobs=queries.jobs_of(current_user.id), is_fetchable=is_fetchable)


@blueprint.get("/<string(length=32):uid>")
@requires_login
def show_job(uid):
    job = my_job(uid)
    # frag.js asks for the part that changes; the whole page would do as well.
    page = "_job" if request.headers.get("X-Fragment") == "job" else "show_job"
    return render_template(f"jobs/{page}.html", job=job, is_fetchable=is_fetchable)


@blueprint.get("/<string(length=32):uid>/result")
@requires_login
def fetch_result(uid):
    job = my_job(uid)
    pieces = actions.fetch_result(job=job, by=current_user)
    return Response(pieces, headers=headers_of(job))


def is_fetchable(job) -> bool:
    return actions.is_fetchable(job, current_user)


def my_job(uid):
    job = queries.job_or_none(uid, current_user.id)
    if job is None:
        raise NotFound
    return job


def headers_of(job) -> dict:
    """A download, never a page: its Chinese name as RFC 5987 has it, with a plain one for old browsers."""
    name = job.download_name
    suffix = name.rpartition(".")[2] if "." in name and name.rpartition(".")[2].isascii() else "bin"
    guessed = XLSX if suffix == "xlsx" else mimetypes.guess_type(name)[0]
    return {
        "Content-Disposition": f"attachment; filename=\"download.{suffix}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": str(files.size_of(job)),
        "Content-Type": guessed or "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }

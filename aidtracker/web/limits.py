"""What one request may bring: only an upload is large, and no text holds a NUL."""

from flask import Flask, abort, current_app, request

SMALL = 1024 * 1024  # bytes; a roll of a class is 2 KB, 64 MB of "a&a&a&" would become gigabytes


def register_limits(app: Flask) -> None:
    """Before anything looks at the form, the token's check too."""
    app.before_request(limit_the_body)
    app.before_request(refuse_nul)


def limit_the_body() -> None:
    """Files come as multipart, whose fields and parts have limits of their own."""
    if request.mimetype != "multipart/form-data":
        view = current_app.view_functions.get(request.endpoint or "")
        request.max_content_length = getattr(view, "most_bytes", SMALL)


def takes(most: int):
    """Marks a view that reads its body as a whole, and no more of it than this."""

    def marked(view):
        view.most_bytes = most
        return view

    return marked


def refuse_nul() -> None:
    """PostgreSQL takes none in a text, SQLite takes it and shows half: nobody types one."""
    if "\x00" in request.path or b"%00" in request.query_string:
        abort(404)
    if any("\x00" in value for values in request.form.listvalues() for value in values):
        abort(400)

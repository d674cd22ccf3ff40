"""Addresses of static files that carry the hash of their content, so that a phone may keep them for ever."""

import hashlib
from pathlib import Path

from flask import Flask, current_app, request


def register_assets(app: Flask) -> None:
    app.extensions["assets"] = {}
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """asset('css/app.css') -> /static/css/app.css?v=3f2a91c04d"""
    return f"{request.script_root}{current_app.static_url_path}/{name}?v={content_hash(name)}"


def content_hash(name: str) -> str:
    """Read once per process; in development each time. A missing file is a mistake of ours: it raises."""
    known = current_app.extensions["assets"]
    if name not in known or current_app.debug:
        content = Path(current_app.static_folder, name).read_bytes()
        known[name] = hashlib.sha256(content).hexdigest()[:10]
    return known[name]


def is_asked_by_hash() -> bool:
    """A request for a static file that names the content we really have."""
    name, version = (request.view_args or {}).get("filename"), request.args.get("v")
    return bool(version) and bool(name) and version == content_hash(name)

"""Serving the demo on this computer alone: gunicorn in place of the command, flask's own server where it is missing."""

import importlib.util
import os
import socket
import sys
from pathlib import Path

from aidtracker.errors import CannotStart

HOST = "127.0.0.1"
CHECKOUT = Path(__file__).resolve().parent.parent.parent
GUNICORN = "--worker-class gthread --workers 2 --threads 4 --no-control-socket --log-level warning".split()


def refuse_taken_port(port: int) -> None:
    """Before anything is built: a county that nobody can visit helps nobody."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except (OSError, OverflowError):
            raise CannotStart(
                f"端口 {port} 不能用，可能已被占用 port {port} cannot be used: 请换一个，例如 demo --port {other_port(port)}"
            ) from None


def other_port(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 8001


def address_of(port: int) -> str:
    return f"http://{HOST}:{port}/"


def server_command(port: int) -> list[str]:
    if importlib.util.find_spec("gunicorn"):
        bind = f"{HOST}:{port}"
        return [sys.executable, "-m", "gunicorn", *GUNICORN, "--pythonpath", str(CHECKOUT), "--bind", bind, "wsgi:app"]
    app = str(CHECKOUT / "wsgi.py")
    return [sys.executable, "-m", "flask", "--app", app, "run", "--host", HOST, "--port", str(port), "--no-reload"]


def serve(port: int) -> None:
    """Becomes the server; comes back only by an exception."""
    sys.stdout.flush()
    sys.stderr.flush()
    command = server_command(port)
    os.execv(command[0], command)  # noqa: S606 a list of arguments, no shell

"""Serving the demo: on this computer only, and never on a port that is taken."""

import socket

import pytest

from aidtracker.demo import serving
from aidtracker.errors import CannotStart


def test_a_taken_port_is_refused_with_the_way_out():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=f"{port}.*--port"):
            serving.refuse_taken_port(port)


def test_the_server_listens_on_this_computer_only():
    command = serving.server_command(8123)
    assert command[command.index("--bind") + 1] == "127.0.0.1:8123"
    assert "--no-control-socket" in command


def test_without_gunicorn_flask_serves(monkeypatch):
    monkeypatch.setattr(serving.importlib.util, "find_spec", lambda name: None)
    command = serving.server_command(8123)
    assert command[1:3] == ["-m", "flask"]
    assert command[command.index("--host") + 1] == "127.0.0.1"

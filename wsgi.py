"""What gunicorn and flask run: app."""

from aidtracker import create_app

app = create_app()

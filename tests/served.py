"""What the servers of the tests serve: wsgi.py as it stands."""

import wsgi
from tests.compiled import keep_compiled

app = keep_compiled(wsgi.app)

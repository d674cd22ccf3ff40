"""People who sign in, their sessions, and the roles they hold at places."""

"""Pupils: who they are, who answers for them, where they are enrolled, from when to when."""

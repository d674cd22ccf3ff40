"""The phone door: what was written down without signal comes in here, once."""

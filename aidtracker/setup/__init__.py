"""Setting a county up: what is there, what is missing and where to go for it, from the empty database to the first roll."""

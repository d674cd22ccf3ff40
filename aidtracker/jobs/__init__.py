"""Long work: one row each with progress, heartbeat, result to fetch, expiry."""

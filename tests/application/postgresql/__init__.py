"""The log in a PostgreSQL database itself: what it writes, whom it refuses what, and what it says of itself."""

"""SQLite: the recorder, the reader, and what the audit log keeps beside events."""

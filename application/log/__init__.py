"""The door to the database: everything that knows one stands in here."""

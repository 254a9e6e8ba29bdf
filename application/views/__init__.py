"""What is read: views of an installation, each a pure function of its events."""

"""The Flask application: a blueprint for each audience."""

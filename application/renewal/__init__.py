"""The renewal file: what an installation tells its vendor when its license is to be renewed (docs/renewal.md)."""

"""Mail: what administrators are warned of, to the addresses of the settings (ADR 66)."""

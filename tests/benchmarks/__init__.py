"""Measurements, printed as ratios against something that runs beside them; `make bench` runs them all."""

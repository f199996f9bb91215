"""Data tables of the detectors, each with the script that makes it."""

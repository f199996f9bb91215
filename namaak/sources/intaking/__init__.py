"""Profiles that people report: read from their files, understood by their links, kept."""

"""Casework: from matches to ranked cases, a person's decisions, and evidence packs."""

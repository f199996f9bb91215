"""Accounts that pose as a brand, measured: how many are found, how high they rank, how fast."""

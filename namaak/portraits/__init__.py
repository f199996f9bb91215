"""Accounts and apps as they showed themselves: from what the lake saw into the casebook."""

"""What a profile says about posing as a brand, beside its name and its pictures."""

"""How the people of a brand work, as the watch file says it: a file for each of its tables."""

"""Strangers' pictures decoded in processes that may do nothing else.

`workers` starts them and asks; `child` is what runs in them; `wire` is what they say to each
other.
"""

"""Notices to those who can take something down: templates, drafts, mail, XARF, sending.

The life of a notice is in namaak.casework.actions, action_moves and action_sending. Nothing here
sends what a person did not approve.
"""

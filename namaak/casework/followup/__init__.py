"""Following a case until what it is about is gone, and noticing when it comes back.

`views` holds the nouns, `seeing` makes one of them of what a look gave, `verdict` says what looks
mean together, `diff` what is otherwise than before, `schedule` when to look again, `reading` what
the casebook holds of it. All of it is pure but `reading`; who asks is namaak.rechecking.
"""

"""Following a case until what it is about is gone, and noticing when it comes back.

`views` holds the nouns, `addresses` which pages are looked at, `judging` whether one is there or
gone, `aspects` what of it is compared, `seeing` makes a view of all that one place saw, `verdict`
says what views mean together, `diff` what is otherwise than before, `drafting` what is written down
of it, `schedule` when to look again, `reading` what the casebook holds. All of it is pure but
`reading`; who asks is namaak.rechecking.
"""

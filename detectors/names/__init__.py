"""Names that resemble a brand: hosts, handles, display names, apps and packages.

The way through: `terms` what to look for, `texts` and `reading` what a name reads as, `anchors`
and `kernel` where a term can stand, `spans` and `features` what was found, `rarity` and
`calibration` how often chance brings it, `scorecard` what it weighs, `weighing` all of these in
one pass, `resemblance` and `kinds` the words for it. `matcher` compiles a watch list, `matching`
is the whole.
"""

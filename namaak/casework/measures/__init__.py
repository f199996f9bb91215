"""How the work goes: times with both their ends, backlog, outcomes, precision; and who is told."""

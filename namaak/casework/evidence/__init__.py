"""Evidence that stands up: one case as a pack that strangers check with tools that are not ours."""

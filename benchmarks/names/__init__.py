"""The name detector, measured: how fast, nothing missed, how much it finds, which kinds."""

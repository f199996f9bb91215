"""The image detector, measured: quality, speed, and logos inside pages."""

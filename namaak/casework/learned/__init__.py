"""Weights from verdicts: which verdicts count, how they are fitted, what comes of it. All pure."""

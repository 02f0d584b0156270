"""How well repeats are recognised: precision and recall on labelled data."""

"""Whether candidates differ, or only seem to."""

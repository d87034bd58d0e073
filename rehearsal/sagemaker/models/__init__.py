"""Models, algorithms, and the model registry."""

"""What goes wrong with images."""


class ImageError(Exception):
    """An image cannot be built, pushed, pulled or run; the text says why, in Docker's words."""

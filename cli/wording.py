"""How values are shown."""


def short_number(text: str) -> str:
    """A number's text with four significant digits at most; a whole number or a word as it is."""
    try:
        return text if text.lstrip("+-").isdigit() else f"{float(text):.4g}"
    except ValueError:
        return text

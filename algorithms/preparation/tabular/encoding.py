"""Encoding features as the numbers that every algorithm can read."""

import pandas as pd


def learn_categories(features: pd.DataFrame, columns: tuple[str, ...]) -> dict[str, list[str]]:
    """The distinct values of each categorical column, sorted by code point."""
    return {column: sorted(map(str, features[column].dropna().unique())) for column in columns}


def encode(features: pd.DataFrame, categories: dict[str, list[str]]) -> pd.DataFrame:
    """Replace each category by its position in the list; a missing or unseen one is missing.

    Columns of whole numbers become integers, so that `5` is written and not `5.0`.
    """
    encoded = {}
    for column in features:
        values = features[column]
        if column in categories:
            codes = {category: code for code, category in enumerate(categories[str(column)])}
            values = values.map(codes).astype(float)
        present = values.dropna()
        if present.empty or ((present % 1 == 0).all() and present.abs().max() < 2**53):
            values = values.astype("Int64")
        encoded[column] = values
    return pd.DataFrame(encoded)

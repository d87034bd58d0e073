"""Encoding features as the numbers that every algorithm can read."""

from collections.abc import Collection

import pandas as pd

from .configuration import Configuration


def learn_categories(features: pd.DataFrame, columns: tuple[str, ...]) -> dict[str, list[str]]:
    """The distinct values of each categorical column, sorted by code point."""
    return {column: sorted(map(str, features[column].dropna().unique())) for column in columns}


def whole_numbers(features: pd.DataFrame, configuration: Configuration) -> frozenset[str]:
    """The columns that are whole numbers when they are encoded: no other one is present."""
    return frozenset(
        column
        for column in configuration.features
        if column in configuration.categorical or _is_whole(features[column].dropna())
    )


def _is_whole(numbers: pd.Series) -> bool:
    return numbers.empty or bool((numbers % 1 == 0).all() and numbers.abs().max() < 2**53)


def encode(
    features: pd.DataFrame, categories: dict[str, list[str]], whole: Collection[str]
) -> pd.DataFrame:
    """Replace each category by its position in the list; a missing or unseen one is missing.

    The columns `whole` become integers, so that `5` is written and not `5.0`.
    """
    encoded = {}
    for column in features:
        values = features[column]
        if column in categories:
            codes = {category: code for code, category in enumerate(categories[str(column)])}
            values = values.map(codes).astype(float)
        if column in whole:
            values = values.astype("Int64")
        encoded[column] = values
    return pd.DataFrame(encoded)

"""From Arrow's columns to numpy's arrays."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def values(column: pa.ChunkedArray, dtype: Any) -> NDArray[Any]:
    """Return the values of a column without nulls, of the type that the column has.

    Arrow's own way imports pandas where that is installed, which takes half a second.
    """
    size = np.dtype(dtype).itemsize
    chunks = [
        np.frombuffer(chunk.buffers()[1], dtype, len(chunk), size * chunk.offset)
        for chunk in column.chunks
        if len(chunk)
    ]
    return np.concatenate(chunks) if chunks else np.empty(0, dtype)

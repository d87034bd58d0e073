"""Tensors as SageMaker Debugger saves them: smdebug's own files, written and read without smdebug.

Below the hook's folder a step of a worker has an event file,
`events/<step>/<step>_<worker>.tfevents`, and after it an index,
`index/<thousands>/<step>_<worker>.json`; the collections are in
`collections/000000000/<worker>_collections.json`. smdebug's `create_trial` reads them.

Source: https://github.com/awslabs/sagemaker-debugger (smdebug/core: locations, writer and
index_reader).
"""

from rehearsal.tensors.event import Tensor
from rehearsal.tensors.reader import TensorReader
from rehearsal.tensors.writer import Collection, TensorWriter

__all__ = ["Collection", "Tensor", "TensorReader", "TensorWriter"]

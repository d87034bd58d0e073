"""Serving in script mode: the user's functions behind the container's web server.

Stands for the scikit-learn and PyTorch containers. The module is the environment variable
SAGEMAKER_PROGRAM, in one of the folders that the command line names below `<base>`: `model/code`,
and for scikit-learn `code`, unpacked from SAGEMAKER_SUBMIT_DIRECTORY. It must define
`model_fn(model_dir)`; it may define `input_fn(body, content_type)`, `predict_fn(data, model)` and
`output_fn(prediction, accept)`, or instead of these three
`transform_fn(model, body, content_type, accept)`. Source:
https://sagemaker.readthedocs.io/en/stable/frameworks/sklearn/using_sklearn.html and
https://github.com/aws/sagemaker-inference-toolkit
"""

import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from rehearsal.programs import arrays, layout
from rehearsal.programs.errors import UserError
from rehearsal.programs.server import Request, Response, serve

FOLDERS = ("model/code", "code")
PARTS = ("input_fn", "predict_fn", "output_fn")


def load_module(base: Path, program: str, places: Sequence[str] = FOLDERS) -> ModuleType:
    """Import the user's module; `UserError` if there is none or it has no `model_fn`."""
    folders = [base / place for place in places]
    name = program.removesuffix(".py")
    path = next((f / f"{name}.py" for f in folders if (f / f"{name}.py").is_file()), None)
    if path is None:
        raise UserError(f"SAGEMAKER_PROGRAM: no {name}.py in {' or '.join(map(str, folders))}")
    # Where the container has it: the module may import its neighbours by name.
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A pickled model may refer to classes of its module by name.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    if not hasattr(module, "model_fn"):
        raise UserError(f"{name}.py: please provide a model_fn implementation")
    if hasattr(module, "transform_fn") and any(hasattr(module, part) for part in PARTS):
        raise UserError(f"{name}.py: cannot use transform_fn with {', '.join(PARTS)}")
    return module


class Transformer:
    """A loaded model and the functions around it."""

    def __init__(self, module: ModuleType, model_dir: str, default_accept: str) -> None:
        self.model = module.model_fn(model_dir)
        self.default_accept = default_accept
        self.transform: Callable[..., Any] = getattr(module, "transform_fn", self._transform)
        self.input: Callable[..., Any] = getattr(module, "input_fn", arrays.decode)
        self.predict: Callable[..., Any] = getattr(
            module, "predict_fn", lambda data, model: model.predict(data)
        )
        self.output: Callable[..., Any] = getattr(module, "output_fn", arrays.encode)

    def invoke(self, request: Request) -> Response:
        """Body in, body out; the user's functions see text for text/csv and application/json."""
        content_type = request.content_type or arrays.JSON
        accept = request.accept
        if not accept or accept == "*/*":
            accept = self.default_accept
        is_text = arrays.media_type(content_type) in arrays.TEXT_TYPES
        body = request.body.decode() if is_text else request.body
        result = self.transform(self.model, body, content_type, accept)
        if isinstance(result, tuple):
            result, accept = result
        return Response(result.encode() if isinstance(result, str) else bytes(result), accept)

    def _transform(self, model: Any, body: str | bytes, content_type: str, accept: str) -> Any:
        return self.output(self.predict(self.input(body, content_type), model), accept)


def main() -> None:
    """Load the module and the model, then serve; what is wrong ends it with one line."""
    base = layout.base()
    try:
        program = os.environ.get("SAGEMAKER_PROGRAM", "inference.py")
        module = load_module(base, program, sys.argv[1:] or FOLDERS)
    except UserError as error:
        sys.exit(str(error))
    default_accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", arrays.JSON)
    serve(Transformer(module, str(base / "model"), default_accept).invoke)


if __name__ == "__main__":
    main()

"""What the interpreter needs of an implementation of the Amazon States Language."""

from typing import Any, Protocol

State = dict[str, Any]
Execution = dict[str, Any]
Context = dict[str, Any]


class StateError(Exception):
    """A state ends in an error, as Retry and Catch see it: its name and its cause."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause


class TerminalError(Exception):
    """An error that ends the execution; no Retry or Catch sees it."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause


class AbortedError(Exception):
    """The scope of this state was cancelled: its execution was stopped, or a sibling failed."""


class Language(Protocol):
    """The states, paths and expressions of the language.

    Every method raises StateError for what the state machine's author or data got wrong.
    """

    def run(
        self, state: State, document: Any, execution: Execution, context: Context
    ) -> tuple[Any, str | None]:
        """The output of a state, with its Retry and Catch obeyed, and the name of the next."""

    def effective_input(self, state: State, document: Any, context: Context) -> Any:
        """What InputPath leaves of a state's input."""

    def is_jsonata(self, state: State, context: Context) -> bool:
        """Whether a state's query language is JSONata."""

    def path(self, path: str, document: Any, context: Context) -> Any:
        """What a JSONPath, into the input or the context object, finds."""

    def template(self, template: Any, state: State, document: Any, context: Context) -> Any:
        """A template's value: JSONata expressions or `.$` paths, by the state's language."""

    def finish(
        self, state: State, document: Any, result: Any, context: Context
    ) -> tuple[Any, str | None]:
        """The output that a state makes of its result, and the name of the next."""

    def items_in(self, text: str, config: State) -> Any:
        """What the text of an S3 object holds, by an ItemReader's ReaderConfig."""

    def client(self, service: str) -> Any:
        """A client of a service of the account, as the state machine's role."""

    def succeed(self, execution: Execution, output: Any) -> None:
        """Write into a record that its execution ended well; nothing if it has ended before."""

    def abort(self, arn: str, error: str, cause: str) -> None:
        """Write into the record of an execution that it was stopped; nothing if it has ended."""

    def time_out(self, execution: Execution) -> None:
        """Write into a record that its execution took too long; nothing if it has ended before."""

    def fail(self, execution: Execution, error: str, cause: str) -> None:
        """Write into a record that its execution failed; nothing if it has ended before."""

    def now(self) -> str:
        """The present time, as in the API's answers."""

    def record(self, execution: Execution, kind: str, **details: Any) -> None:
        """Add an event to an execution's history."""

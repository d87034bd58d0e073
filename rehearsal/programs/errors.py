"""What a program tells its caller, where the container would."""


class UserError(Exception):
    """The request or the data is wrong, in words like the container's; the user can mend it."""


class ServingError(Exception):
    """An HTTP answer other than 200, with its status and a text body."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

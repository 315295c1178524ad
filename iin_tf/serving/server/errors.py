"""What a request is refused with: a code and words, as TensorFlow Serving has them."""

import re


class Refused(Exception):
    """A request that is not answered.

    Args:
      status: HTTP status; `GRPC` has the gRPC code that stands for it.
      words: what the caller reads.
    """

    def __init__(self, status: int, words: str):
        super().__init__(words)
        self.status = status
        self.words = words


# HTTP status -> name of the gRPC code, as TensorFlow Serving pairs them.
GRPC = {
    400: "INVALID_ARGUMENT",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    413: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def graph_words(message: str) -> str:
    """What an operation of a graph said, without the places in the graph around it."""
    before = message.split("\n\t [[")[0]
    return re.sub(r" \[Op:[^\]]*\]$", "", before.strip().splitlines()[-1])

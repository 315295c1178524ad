"""A process that measures: one JSON request a line on standard input, one answer on output.

The first line names what to make, {"make": "module:class", "arguments": {...}}; each later
one a method to call, {"call": name, "arguments": {...}}.  The answer is {"value": ...} or
{"error": ...}.  Whatever libraries print goes to standard error.
"""

import importlib
import json
import os
import sys


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    subject = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "make" in request:
                module, name = request["make"].split(":")
                subject = getattr(importlib.import_module(module), name)(**request["arguments"])
                answer = {"value": None}
            else:
                answer = {"value": getattr(subject, request["call"])(**request["arguments"])}
        except Exception as error:  # the parent reports it and stops
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()

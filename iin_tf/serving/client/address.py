"""Where a served model is: the URL that a client is given."""

import dataclasses
import re

from iin_tf.checks import InputError, shown

_FORM = "http://HOST:8501/v1/models/NAME, or grpc://HOST:8500/v1/models/NAME"
_URL = re.compile(
    r"(?P<scheme>https?|grpc)://(?P<host>[^/]+)/v1/models/(?P<name>[^/:]+)"
    r"(?:/versions/(?P<version>[0-9]{1,18})|/labels/(?P<label>[^/:]+))?/?"
)


@dataclasses.dataclass(frozen=True)
class Address:
    """The parts of a URL: scheme and host, the model's name, and a version or a label or None."""

    scheme: str
    host: str
    name: str
    version: int | None
    label: str | None

    @classmethod
    def parse(cls, url: str) -> "Address":
        """The parts of `url`.

        Raises:
          InputError: it has another form.
        """
        found = _URL.fullmatch(url) if isinstance(url, str) else None
        if found is None:
            raise InputError(
                f"url is {shown(url)}; give {_FORM}, with /versions/NUMBER or /labels/LABEL "
                "behind it where one is meant"
            )
        number = found["version"]
        return cls(
            found["scheme"],
            found["host"],
            found["name"],
            None if number is None else int(number),
            found["label"],
        )

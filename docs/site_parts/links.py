"""Links to files of the repository lead to their copies in the site."""

import re

# What stands above docs/ and is a page of the site.
_COPIED = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}


def to_copies(text):
    """Links `../CHANGELOG.md` as links to the copy in generated/."""

    def target(match):
        return f"](generated/{_COPIED[match[1]]}"

    return re.sub(rf"\]\(\.\./({'|'.join(map(re.escape, _COPIED))})", target, text)


def _read(app, name, source):
    source[0] = to_copies(source[0])


def setup(app):
    app.connect("source-read", _read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

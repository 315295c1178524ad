"""Pages that stand at the root of the repository, copied to where Sphinx reads."""

from pathlib import Path

_PAGES = ("CHANGELOG.md", "CONTRIBUTING.md")


def copy_root_pages(docs: Path) -> None:
    """Writes `generated/changelog.md` and `generated/contributing.md`, their links mended."""
    folder = docs / "generated"
    folder.mkdir(exist_ok=True)
    for page in _PAGES:
        text = (docs.parent / page).read_text(encoding="utf-8").replace("](docs/", "](../")
        for other in _PAGES:
            text = text.replace(f"]({other}", f"]({other.lower()}")
        write_where_changed(folder / page.lower(), text)


def write_where_changed(path: Path, text: str) -> None:
    """Writes a file unless it has that text: Sphinx reads again what is newer."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")

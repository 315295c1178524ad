"""The documentation site; `bin/docs` builds it."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from site_parts.api_pages import write_api_pages  # noqa: E402
from site_parts.root_pages import copy_root_pages  # noqa: E402

import iin_tf  # noqa: E402

project = "iin_tf"
copyright = "the iin_tf authors"
version = release = iin_tf.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "site_parts.docstrings",
    "site_parts.mathml",
    "site_parts.links",
]
exclude_patterns = ["build", "site_parts", "templates"]

# Pages: what GitHub shows too.  Anchors are GitHub's.
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 4
myst_update_mathjax = False
# Notebooks run at every build; one that fails ends it.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_show_tb = True

# The reference, from the docstrings.
autosummary_generate = False
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
toc_object_entries = False  # headings have the names already
autodoc_member_order = "bysource"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Source", "returns_style")]
html_math_renderer = "mathml"

html_theme = "pydata_sphinx_theme"
html_title = f"iin_tf {version}"
templates_path = ["templates"]
html_sidebars = {"**": ["site-pages"]}
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "iin_tf"},
    "show_toc_level": 2,
    "navbar_center": [],  # the sidebar has all pages, in groups
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

suppress_warnings = [
    "ref.python",  # a class that two rooms name
    "misc.highlighting_failure",  # JSON that leaves something out (...)
]

# bin/docs linkcheck: the only command that asks the network.
linkcheck_timeout = 20

# Written before Sphinx looks for pages; ignored by git.
copy_root_pages(HERE)
write_api_pages(HERE / "generated")

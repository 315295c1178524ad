# Sourced by bin/quickstart and bin/test: an environment with iin_tf installed.
# Argument: an extra of setup.py to install too.
if [ -z "${VIRTUAL_ENV:-}" ]; then
    [ -d .venv ] || python3 -m venv .venv
    source .venv/bin/activate
fi
pip install --quiet --disable-pip-version-check --editable ".${1:+[$1]}"

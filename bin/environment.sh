# Sourced by bin/quickstart, bin/test and bin/docs: an environment with iin_tf installed.
# Argument: an extra of setup.py to install too, or several: test,docs.
platform="import platform, sys
print('yes' if (sys.platform, platform.machine(), sys.version_info[:2] in [(3, 11), (3, 12), (3, 13)])
      == ('linux', 'x86_64', True) else 'no')"
if [ -z "${VIRTUAL_ENV:-}" ]; then
    [ -d .venv ] || python3 -m venv .venv
    source .venv/bin/activate
fi
# The versions of requirements.lock, each file checked by its digest, where `locked` asks for them, the
# environment is our own and the platform is that of the lock.
if [ -n "${locked:-}" ] && [ "$VIRTUAL_ENV" = "$PWD/.venv" ] && [ "$(python -c "$platform")" = yes ]
then
    pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
fi
# Not again what a script has installed for those that it calls.
if [[ ",${IIN_TF_INSTALLED:-}," != *",${1:-package},"* ]]
then
    pip install --quiet --disable-pip-version-check --editable ".${1:+[$1]}"
    export IIN_TF_INSTALLED="${IIN_TF_INSTALLED:-},${1:-package}"
fi

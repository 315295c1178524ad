"""Whether an error is the disk's: full, over its quota, or read-only."""

import errno
import os

from iin_tf.experiment.own_errors import chain

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_READ_ONLY = (errno.EROFS,)


def disk_fault(error: BaseException) -> str | None:
    """What the disk did not take and the mend, on one line; None where it is not at fault.

    Args:
      error: what was raised; HDF5 and TensorFlow have the system's words in errors of their own.
    """
    for one in chain(error):
        place = f" ({one.filename})" if isinstance(one, OSError) and one.filename else ""
        for codes, mend in ((_FULL, "free space"), (_READ_ONLY, "give a folder to write in")):
            words = next((os.strerror(code) for code in codes if _says(one, code)), None)
            if words:
                return (
                    f"the disk does not take what is written{place}: {words}; {mend}: what was "
                    "saved before is whole, and the same command goes on from it"
                )
    return None


def _says(error, code):
    return getattr(error, "errno", None) == code or os.strerror(code) in str(error)

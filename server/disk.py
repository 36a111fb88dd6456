"""What went wrong with a file or its disk, in words that say what to do: for commands, and for packing behind them."""

import errno

DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


def of_a_file(error: OSError) -> str:
    what = error.filename or "what was to be read or written"
    match error:
        case FileNotFoundError():
            return f"{what} is not there. Look at its name, and at the folder it should be in."
        case FileExistsError():
            return f"{what} is there already. Name another."
        case IsADirectoryError():
            return f"{what} is a folder. Name a file."
        case NotADirectoryError():
            return f"{what} is no folder, or leads through a file. Look at its name."
        case PermissionError():
            return f"{what} may not be read or written by you. Do this as its owner, or let yourself in: chown, chmod."
    if error.errno in DISK_FULL:
        return f"The disk has no room for {what}. Make room, then do the same again."
    if error.errno == errno.EROFS:
        return f"{what} lies on a disk that takes no writing. Name another place, or mount it for writing."
    return f"{what}: {error.strerror or error}. Look at the disk, then do the same again."

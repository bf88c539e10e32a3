#!/usr/bin/env python3
"""Runs a command for as long as another process lives: keeper.py OWNER [--remove FOLDER] -- COMMAND...

Prints the command's process id. When the process OWNER is gone, however it went, the command is killed and FOLDER removed; when this keeper is
killed, the kernel kills the command. So neither a test that crashes nor an interrupted ctest leaves a broker behind. A broker cannot be
asked to die with its test directly: the kernel watches the thread that started it, not the process."""

import argparse
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("owner", type=int)
    parser.add_argument("--remove")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()

    owner = os.pidfd_open(arguments.owner)
    # A terminal's interrupt is for the owner, who may still need the broker; its end comes through the owner.
    os.setsid()
    child = subprocess.Popen(arguments.command, stdin=subprocess.DEVNULL, stdout=sys.stderr, preexec_fn=die_with_parent)
    print(child.pid, flush=True)
    os.close(1)
    watched = select.poll()
    for descriptor in (owner, os.pidfd_open(child.pid)):
        watched.register(descriptor, select.POLLIN)
    ended = [descriptor for descriptor, _ in watched.poll()]
    if owner in ended:
        child.kill()
        child.wait()
        if arguments.remove:
            shutil.rmtree(arguments.remove, ignore_errors=True)
    return child.wait()


if __name__ == "__main__":
    main()

"""Where the server's time goes: perf, when it is there."""

import re
import shutil
import subprocess

from servers import Server, load

LINES = 30


def profile(options, folder, variant):
    """The functions that a run of `variant` spends most time in, as text; or what is missing."""
    if shutil.which("perf") is None:
        return "`perf` is missing (Debian package linux-perf): the CPU of each thread above is what there is."
    connections = max(options.connections)
    with Server(options.build, folder, variant) as server:
        data = folder / "perf.data"
        perf = subprocess.Popen(["perf", "record", "-q", "-F", "999", "-g", "-o", data, "-p", str(server.pid)], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        load(options.build, server, variant, connections, options)
        perf.terminate()
        perf.wait()
        report = subprocess.run(["perf", "report", "-i", data, "--no-children", "-g", "none", "--stdio", "--percent-limit", "0.3", "-F",
                                 "overhead,comm,dso,sym"], capture_output=True, text=True, check=False).stdout
    shutil.rmtree(folder)
    lines = [re.sub(r"\s+$", "", line) for line in report.splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        return "`perf` is there but may not record (see kernel.perf_event_paranoid)."
    return "\n".join(["```", *lines[:LINES], "```"])

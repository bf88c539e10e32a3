"""Where the server's time goes: perf, when it is there."""

import re
import shutil
import subprocess

from servers import Server, empty, load

LINES = 40


def profile(options, folder, variant):
    """What a run of `variant` spends its time in, by thread and by function, as Markdown; or what is missing."""
    if shutil.which("perf") is None:
        return "`perf` is missing (Debian package linux-perf): the CPU of each thread above is what there is."
    with Server(options.build, folder, variant) as server:
        data = folder / "perf.data"
        perf = subprocess.Popen(["perf", "record", "-q", "-F", "1999", "-o", data, "-p", str(server.pid)], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        load(options.build, server, variant, max(options.connections), options)
        perf.terminate()
        perf.wait()
        by_thread, by_function = (perf_report(data, fields) for fields in ("overhead,pid,dso", "overhead,dso,sym"))
    empty(folder)
    if not by_function:
        return "`perf` is there but may not record (see kernel.perf_event_paranoid)."
    return "\n".join(["```", *by_thread[:15], "```", "", "```", *by_function[:LINES], "```"])


def perf_report(data, fields):
    report = subprocess.run(["perf", "report", "-i", data, "--stdio", "--percent-limit", "0.3", "-F", fields], capture_output=True, text=True,
                            check=False).stdout
    return [re.sub(r"\s+$", "", line) for line in report.splitlines() if line.strip() and not line.startswith("#")]

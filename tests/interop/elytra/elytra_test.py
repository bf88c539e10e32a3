#!/usr/bin/env python3
"""Goal: what our validator makes of a request is what a user of the Python package would get.
Method: some thousand generated requests (the seed is printed, $TENTER_SEED sets another) go to a model of that package (oracle.py) and to our library (the program given
as argument); status and every field must agree. Controls: requests of all three statuses were among them, and a wrong answer is seen."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
PEER = os.path.abspath(sys.argv[1])
COUNT = 4000


def compare(program, seed):
    environment = subprocess.run([HERE.parents[2] / "tools/python_env"], capture_output=True, text=True, check=True).stdout.strip()
    done = subprocess.run([f"{environment}/bin/python", HERE / "differential.py", program, str(COUNT), str(seed)], capture_output=True, text=True,
                          timeout=300)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    *shown, summary = done.stdout.splitlines()
    return "\n".join(shown), json.loads(summary)


class Elytra(unittest.TestCase):
    def test_our_library_and_the_model_agree(self):
        seed = int(os.environ.get("TENTER_SEED", 20261123))
        print("seed", seed, file=sys.stderr)
        shown, summary = compare(PEER, seed)
        self.assertEqual(summary["differences"], 0, shown)
        for status in ("200", "400", "401"):
            self.assertGreater(summary["statuses"][status], COUNT // 20)

    def test_a_wrong_answer_is_seen(self):
        with tempfile.TemporaryDirectory() as folder:
            liar = pathlib.Path(folder, "liar")
            liar.write_text("#!/bin/sh\nexec \"%s\" | sed 's/\"operation\":\"modify\"/\"operation\":\"add\"/'\n" % PEER)
            liar.chmod(0o755)
            _, summary = compare(str(liar), 1)
        self.assertGreater(summary["differences"], 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)

"""Goal: the scripts ask apt only for what is missing, and say what to do without it. Method: tools/lib.sh with stand-ins for the system's tools."""
import os
import pathlib
import shutil
import subprocess

import check_layers
from small_repository import SmallRepository

TOOLS = pathlib.Path(check_layers.__file__).parent
SYSTEM_COMMANDS = ("bash", "basename", "cat", "cmp", "env", "mkdir", "nproc", "sed", "tail")


class Packages(SmallRepository):
    def setUp(self):
        super().setUp()
        self.write("tools/packages/build.txt", "# comment\ninstalled-one\nabsent-one\nabsent-two = present-command  # from elsewhere\n")
        self.write("tools/packages/test.txt", "absent-three\n")
        for command in SYSTEM_COMMANDS:
            (self.root / "bin").mkdir(exist_ok=True)
            (self.root / "bin" / command).symlink_to(shutil.which(command))
        self.command("dpkg-query", 'echo asked >> "$ROOT/dpkg-query.log"; [[ ${*: -1} == installed-* ]] && printf installed')
        self.command("present-command", ":")

    def command(self, name, script):
        path = self.write(f"bin/{name}", f"#!{shutil.which('bash')}\n{script}\n")
        path.chmod(0o755)

    def apt_that_works(self):
        self.command("apt-get", 'echo "$*" >> "$ROOT/apt-get.log"')
        self.command("sudo", 'echo sudo >> "$ROOT/sudo.log"; "$@"')

    def need(self, *lists):
        script = f'root=$ROOT; set -euo pipefail; source {TOOLS}/lib.sh; need_packages {" ".join(lists)}'
        environment = {"PATH": str(self.root / "bin"), "ROOT": str(self.root)}
        return subprocess.run([shutil.which("bash"), "-c", script], env=environment, capture_output=True, text=True, check=False)

    def logged(self, name):
        path = self.root / name
        return path.read_text().splitlines() if path.exists() else []

    def test_only_what_is_missing_is_installed_and_named(self):
        self.apt_that_works()
        result = self.need("build")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("installing Debian packages: absent-one\n", result.stderr)
        self.assertEqual(self.logged("apt-get.log"), ["update", "install -y --no-install-recommends absent-one"])
        self.assertEqual(self.logged("sudo.log") != [], os.geteuid() != 0)

    def test_the_second_time_neither_dpkg_nor_apt_is_asked(self):
        self.apt_that_works()
        self.need("build")
        asked = self.logged("dpkg-query.log"), self.logged("apt-get.log")
        result = self.need("build")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual((self.logged("dpkg-query.log"), self.logged("apt-get.log")), asked)

    def test_a_changed_list_is_looked_at_again(self):
        self.apt_that_works()
        self.need("build", "test")
        self.write("tools/packages/test.txt", "absent-four\n")
        self.need("build", "test")
        self.assertIn("absent-four", self.logged("apt-get.log")[-1])

    def test_without_apt_the_missing_packages_are_listed_and_it_stops(self):
        for _ in range(2):  # the failure is not remembered as success
            result = self.need("build", "test")
            self.assertEqual(result.returncode, 1)
            self.assertIn("    absent-one\n    absent-three\n", result.stderr)
            self.assertNotIn("installed-one", result.stderr)
            self.assertNotIn("absent-two", result.stderr)

    def test_what_apt_says_is_shown_when_it_fails(self):
        self.command("apt-get", 'echo "no such package"; exit 100')
        self.command("sudo", '"$@"')
        result = self.need("build")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no such package", result.stderr)
        self.assertIn("apt-get update failed", result.stderr)

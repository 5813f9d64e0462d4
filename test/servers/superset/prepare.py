"""Makes the database that each test server begins with, in the folder given: all tables, the roles, and an administrator."""

import os
import subprocess
import sys

cli = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cli.py")
admin = ["--username", "root", "--firstname", "Root", "--lastname", "Test", "--email", "root@example.test"]
for command in (
    ["db", "upgrade"],
    ["fab", "create-admin", *admin, "--password", "root-of-a-server-for-tests"],
    ["init"],
):
    subprocess.run([sys.executable, cli, sys.argv[1], *command], check=True)

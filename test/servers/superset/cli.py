"""Runs one command of Superset: cli.py HOME COMMAND..., with its database and its files in HOME."""

import os
import sys

os.environ["SUPERSET_HOME"] = sys.argv[1]
os.environ["SUPERSET_CONFIG_PATH"] = os.path.join(os.path.dirname(os.path.abspath(__file__)), "superset_config.py")

from superset.cli.main import superset  # noqa: E402

sys.argv = ["superset", *sys.argv[2:]]
superset()

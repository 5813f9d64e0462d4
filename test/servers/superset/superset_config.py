"""Superset for tests: SQLite in its home folder, the user API switched on, and a rule for passwords as a company might have."""

import os

from flask_appbuilder.exceptions import PasswordComplexityValidationError


def only_long(password: str) -> None:
    if len(password) < 20:
        raise PasswordComplexityValidationError("at least 20 characters")


SECRET_KEY = "of-a-server-for-tests-that-listens-on-loopback-only"
SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.environ["SUPERSET_HOME"] + "/superset.db"
DATA_DIR = os.environ["SUPERSET_HOME"]
FAB_ADD_SECURITY_API = True
FAB_PASSWORD_COMPLEXITY_ENABLED = True
FAB_PASSWORD_COMPLEXITY_VALIDATOR = only_long
TALISMAN_ENABLED = False

"""`make refresh` without dbt's data tests.

They cost Spark as much as all models. They pass on the demo company of the other integration tests,
and where every published table is equal they pass on both engines or on none; `make test-long` runs
them on Spark too.
"""

import sys

from orchestration import cli
from orchestration.lib import build

if __name__ == "__main__":
    build.LEFT_OUT = ("unit_test", "test")
    sys.exit(cli.main())

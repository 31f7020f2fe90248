"""The real file through its source folder: raw tables hold the published figures."""

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib.company import load_company
from orchestration.lib.contract import load_contract
from orchestration.lib.ingestion.load import load_landing
from orchestration.lib.ingestion.session import Warehouse
from orchestration.settings import DBT_PROJECT_DIR, PROJECT_ROOT
from tests.integration.conftest import SHARED_DATA
from tests.unit.ingestion.house import AS_OF

REAL_FILE = SHARED_DATA / "online_retail" / "online_retail.csv.gz"
COMPANY_DIR = PROJECT_ROOT / "orchestration" / "defs" / "ingestion" / "online_retail"

pytestmark = pytest.mark.skipif(not REAL_FILE.is_file(), reason=f"{REAL_FILE} is not there")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "landing" / "online_retail").mkdir(parents=True)
    shutil.copy(REAL_FILE, home / "landing" / "online_retail")
    warehouse = Warehouse(
        database=home / "warehouse.duckdb",
        landing=home / "landing",
        archive=home / "archive",
        quarantine=home / "quarantine",
        company=load_company(COMPANY_DIR),
        contract=load_contract(DBT_PROJECT_DIR / "models" / "staging"),
        as_of=AS_OF,
        hash_key="",
        memory_limit="1GB",
        threads=2,
        progress=lambda _: None,
    )
    assert load_landing(warehouse).problems == ()
    return warehouse.database


def one(database: Path, statement: str) -> tuple[Any, ...] | None:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(statement).fetchone()


def test_gross_is_the_sum_of_items(database: Path) -> None:
    assert one(database, "select sum(quantity * unit_price) from raw.shop_order_items") == (
        Decimal("10666684.544"),
    )


def test_net_is_items_less_refunds(database: Path) -> None:
    statement = """
        select (select sum(quantity * unit_price) from raw.shop_order_items)
            - (select sum(amount) from raw.shop_refunds)
    """
    assert one(database, statement) == (Decimal("9747747.934"),)


def test_orders_and_buyers(database: Path) -> None:
    statement = """
        select count(*), count(distinct customer_id), count(customer_id),
            min(ordered_at)::varchar, max(ordered_at)::varchar
        from raw.shop_orders
    """
    assert one(database, statement) == (
        19_960,
        4_338,
        18_532,
        "2010-12-01 08:26:00",
        "2011-12-09 12:50:00",
    )


def test_summer_orders_are_stored_in_utc(database: Path) -> None:
    # 08:16 in London summer time.
    statement = "select ordered_at::varchar from raw.shop_orders where order_id = '558638'"
    assert one(database, statement) == ("2011-07-01 07:16:00",)


def test_every_item_belongs_to_an_order(database: Path) -> None:
    statement = """
        select count(*), count(distinct order_item_id), count(distinct order_id)
        from raw.shop_order_items
        where order_id in (select order_id from raw.shop_orders)
    """
    assert one(database, statement) == (530_104, 530_104, 19_960)


def test_customers_and_products(database: Path) -> None:
    statement = """
        select
            (select count(distinct customer_id) from raw.shop_customers),
            (select count(distinct product_id) from raw.shop_products),
            (select count(*) from raw.shop_customers where customer_id like '%.%')
    """
    assert one(database, statement) == (4_372, 4_070, 0)


def test_the_ledger_accounts_for_every_row(database: Path) -> None:
    statement = """
        select count(*), sum(rows_read - rows_loaded - rows_quarantined - rows_repeated)::integer,
            sum(rows_quarantined + rows_repeated)::integer
        from ops.ledger
    """
    assert one(database, statement) == (5, 0, 0)

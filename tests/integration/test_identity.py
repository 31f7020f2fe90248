"""The demo company's planted people are found, and nobody is taken for somebody else."""

from typing import Any

import pytest

from tests.integration.house import House
from tests.keys import key

Pair = tuple[str, int]


@pytest.fixture(scope="module")
def planted(truth: dict[str, Any]) -> set[Pair]:
    """Customer and browser of one planted person; a household's browser stands under both."""
    return {
        (customer, key(browser))
        for customer, browsers in truth["identity"]["browsers"].items()
        for browser in browsers.split()
    }


@pytest.fixture(scope="module")
def people(demo: House) -> dict[str, int]:
    """The person of each customer of a shop, by the shop's id."""
    return dict(
        demo.warehouse(
            """
            select shops.customer_id, customers.person_key
            from intermediate.int_identity__customers as customers
            inner join staging.stg_shop__customers as shops using (customer_key)
            """
        )
    )


@pytest.fixture(scope="module")
def found(demo: House, planted: set[Pair], people: dict[str, int]) -> set[Pair]:
    """Customer and browser of one found person, of the customers whose browsers were planted."""
    browsers: dict[int, list[int]] = {}
    for visitor, person in demo.warehouse(
        "select visitor_key, person_key from intermediate.int_identity__visitors"
    ):
        browsers.setdefault(person, []).append(visitor)
    return {
        (customer, visitor)
        for customer in {customer for customer, _ in planted} & set(people)
        for visitor in browsers.get(people[customer], [])
    }


def test_nobody_gets_the_browser_of_somebody_else(planted: set[Pair], found: set[Pair]) -> None:
    precision = len(found & planted) / len(found)
    assert precision == 1


def test_most_browsers_of_customers_are_found(
    planted: set[Pair], found: set[Pair], people: dict[str, int], demo: House
) -> None:
    # A customer who used a browser without ever logging in or buying leaves nothing to be found by.
    assert len(found & planted) / len(planted) > 0.8
    identified = {
        key(browser)
        for (browser,) in demo.warehouse(
            """
            select anonymous_id from raw.web_events
            where consent is distinct from 'denied' and (user_id is not null or email is not null)
            union select anonymous_id from raw.web_sessions
            where consent is distinct from 'denied' and user_id is not null
            union select anonymous_id from raw.shop_customers
            union select anonymous_id from raw.shop_orders where customer_id is not null
            union select anonymous_id from raw.crm_leads
            """
        )
        if browser
    }
    shared = {visitor for visitor in identified if sum(b == visitor for _, b in planted) > 1}
    to_be_found = {
        (customer, b) for customer, b in planted if customer in people and b in identified - shared
    }
    assert to_be_found - found == set()


def test_two_accounts_under_one_email_are_one_person(demo: House, truth: dict[str, Any]) -> None:
    of_two = demo.warehouse(
        "select count(*) from intermediate.int_identity__people where customers = 2"
    )
    assert of_two == [(truth["identity"]["people_with_two_accounts"],)]
    assert truth["identity"]["people_with_two_accounts"] > 0


def test_a_lead_that_became_a_customer_is_one_person(demo: House) -> None:
    ((leads, agreeing),) = demo.warehouse(
        """
        select count(*), count(*) filter (where leads.person_key = customers.person_key)
        from raw.crm_leads as raw
        inner join staging.stg_crm__leads as staged using (lead_id)
        inner join intermediate.int_identity__leads as leads using (lead_key)
        inner join intermediate.int_identity__customers as customers using (customer_key)
        where raw.customer_id is not null
        """
    )
    assert leads == agreeing > 0


def test_people_without_consent_are_counted_and_linked_to_nobody(demo: House) -> None:
    ((denied, linked),) = demo.warehouse(
        """
        select count(*), count(*) filter (where visitors.customer_key is not null)
        from (
            select distinct visitor_key from staging.stg_web__events where consent = 'denied'
            except
            select visitor_key from staging.stg_web__events where consent <> 'denied'
        ) as denied
        left join intermediate.int_identity__visitors as visitors using (visitor_key)
        """
    )
    assert denied > 0
    assert linked == 0
    ((sessions,),) = demo.published(
        "select count(*) from core.fct_sessions where consent = 'denied'"
    )
    assert sessions > 0


def test_every_published_person_can_be_followed(demo: House) -> None:
    for fact in ("fct_sessions", "fct_orders", "fct_leads", "fct_opportunities", "dim_customers"):
        lost = demo.published(
            f"""
            select count(*) from core.{fact}
            where person_key is not null and person_key not in (
                select identifier_key from core.identity_keys where is_current
            )
            """
        )
        assert lost == [(0,)], fact

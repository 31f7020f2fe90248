"""The whole demo company in memory, and on disk."""

import json
from dataclasses import dataclass
from pathlib import Path

from orchestration.demo import truth as truths
from orchestration.demo.ads import Spend, create_spend
from orchestration.demo.business_files import (
    customer_emails,
    write_ads,
    write_crm,
    write_service,
    write_shops,
)
from orchestration.demo.clicks import Clicks, Marks, create_clicks, mark_visits
from orchestration.demo.files import Landing, put
from orchestration.demo.journeys import Visits, create_visits
from orchestration.demo.people import People, create_people
from orchestration.demo.sales import Sales, create_sales
from orchestration.demo.service import Response, Ticket, create_responses, create_tickets
from orchestration.demo.shop import Shop, create_shop
from orchestration.demo.web_files import Sites, write_web


@dataclass(frozen=True)
class Company:
    """Everything that happened in the two years."""

    people: People
    visits: Visits
    marks: Marks
    clicks: Clicks
    shop: Shop
    spend: Spend
    sales: Sales
    tickets: list[Ticket]
    responses: list[Response]


@dataclass(frozen=True)
class DemoSummary:
    """What lies in the landing directory now.

    Number of files, their bytes, data rows by file, and the path of the truth file.
    """

    files: int
    bytes: int
    rows: dict[str, int]
    truth: Path


def create_company(scale: float) -> Company:
    """The company at `scale` (1: about 5,000 customers and 300,000 web events)."""
    people = create_people(scale)
    visits = create_visits(people)
    marks = mark_visits(visits, people)
    clicks = create_clicks(visits, marks, people)
    shop = create_shop(visits, clicks, people)
    sales = create_sales(visits, clicks, people, shop.products.price, scale)
    emails = customer_emails(shop, people)
    tickets = create_tickets(shop, sales, emails, scale)
    return Company(
        people=people,
        visits=visits,
        marks=marks,
        clicks=clicks,
        shop=shop,
        spend=create_spend(visits),
        sales=sales,
        tickets=tickets,
        responses=create_responses(shop, tickets, emails),
    )


def write_demo(landing: Path, truth: Path, scale: float = 1.0) -> DemoSummary:
    """Writes every landing file below `landing` and the planted truths to `truth` (JSON).

    The same `scale` gives the same bytes; a file that holds them already stays untouched.
    Raises `ValueError` for a scale outside 0.01 to 20.
    """
    if not 0.01 <= scale <= 20:
        raise ValueError(f"scale={scale} is outside 0.01 to 20; 1 is the full demo company.")
    company = create_company(scale)
    target = Landing(landing)
    web = write_web(
        target,
        Sites(
            company.visits,
            company.clicks,
            company.marks,
            company.people,
            company.shop,
            company.sales,
        ),
    )
    write_shops(target, company.shop, company.visits, company.people)
    write_ads(target, company.spend)
    write_crm(target, company.sales, company.shop, company.visits, company.people)
    write_service(target, company.tickets, company.responses)
    content = json.dumps(truths.describe(company, web, scale), indent=2, ensure_ascii=False)
    put(truth, f"{content}\n".encode())
    return DemoSummary(len(target.rows), target.bytes, target.rows, truth)

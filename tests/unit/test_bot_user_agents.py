"""The shipped patterns name programs, and no browser of a person."""

import csv
import re
from pathlib import Path

import duckdb
import pytest

FILE = Path(__file__).resolve().parents[2] / "seeds" / "sessions" / "bot_user_agents.csv"
with FILE.open(encoding="utf-8", newline="") as handle:
    ROWS = list(csv.DictReader(handle))

BOTS = [
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; "
    "+https://openai.com/gptbot)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; "
    "+claudebot@anthropic.com)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 (compatible;PetalBot;+https://webmaster.petalsearch.com/site/petalbot)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "AdsBot-Google (+http://www.google.com/adsbot.html)",
    "Wget/1.21.4",
    "Java/17.0.10",
    "axios/1.7.2",
    "Scrapy/2.11.2 (+https://scrapy.org)",
]
PEOPLE = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (Linux; Android 13; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; CUBOT_P20) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/114.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/468.0]",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Mobile/15E148 Instagram 336.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) GSA/321.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) "
    "SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko",
    "okhttp/4.12.0",
    "MyShop/5.2 (com.example.shop; build:812; iOS 17.5.1) Alamofire/5.9.1",
]


def matches(pattern: str, agent: str) -> bool:
    return re.fullmatch(pattern, agent, re.IGNORECASE) is not None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["user_agent_pattern"])
def test_each_pattern_matches_its_example(row: dict[str, str]) -> None:
    assert matches(row["user_agent_pattern"], row["example"])


@pytest.mark.parametrize("agent", BOTS)
def test_programs_are_bots(agent: str) -> None:
    assert any(matches(row["user_agent_pattern"], agent) for row in ROWS)


@pytest.mark.parametrize("agent", PEOPLE)
def test_browsers_and_apps_are_not(agent: str) -> None:
    assert [
        row["user_agent_pattern"] for row in ROWS if matches(row["user_agent_pattern"], agent)
    ] == []


def test_duckdb_reads_every_pattern_as_python_does() -> None:
    agents = [*BOTS, *PEOPLE, *(row["example"] for row in ROWS)]
    with duckdb.connect() as connection:
        for pattern in (row["user_agent_pattern"] for row in ROWS):
            found = connection.execute(
                "select agent from unnest(?) as t(agent) where regexp_full_match(agent, ?, 'i')",
                [agents, pattern],
            ).fetchall()
            assert {agent for (agent,) in found} == {a for a in agents if matches(pattern, a)}

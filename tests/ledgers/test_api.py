"""The ledgers over HTTP, as the page uses them."""

import socket
from urllib.parse import urlsplit

import httpx
import pytest

from tests.ledgers.builders import row, table
from tests.serving import Served

ROOT = "/api/v1/ledgers"


async def upload(
    client: httpx.AsyncClient, content: str | bytes, name: str = "candles.csv", **said: str
) -> httpx.Response:
    """Send a file as the page does."""
    return await client.post(f"{ROOT}/imports", files={"file": (name, content)}, data=said)


async def test_a_file_sent_by_the_page_shows_as_a_series_with_bars_and_gaps(client: httpx.AsyncClient) -> None:
    answer = await upload(client, table(*(row(hour) for hour in (0, 1, 2, 6, 7)), row(8, low="-1")))
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert (done["status"], done["rows_kept"], done["rows_quarantined"]) == ("partly", 5, 1)
    assert done["problems"][0]["line"] == 7
    (series,) = (await client.get(f"{ROOT}/series")).json()["items"]
    assert (series["origin"], series["bars"], series["gaps"], series["quarantined"]) == ("imported", 5, 1, 1)
    assert series["start"] == "2024-01-01T00:00:00Z"
    detail = (await client.get(f"{ROOT}/series/{series['id']}")).json()
    assert detail["gap_list"] == [{"start": "2024-01-01T03:00:00Z", "end": "2024-01-01T06:00:00Z", "missing": 3}]
    bars = (await client.get(f"{ROOT}/bars", params={"series_id": series["id"]})).json()
    assert (bars["level"], len(bars["ts"]), bars["ts"][0]) == ("1h", 5, 1_704_067_200_000)
    cut = {"series_id": series["id"], "start": "2024-01-01T02:00:00Z", "end": "2024-01-01T07:00:00Z"}
    assert len((await client.get(f"{ROOT}/bars", params=cut)).json()["ts"]) == 2


async def test_quarantine_and_imports_are_read_page_by_page(client: httpx.AsyncClient) -> None:
    done = (await upload(client, table(row(0), row(1), *(row(hour, high="1") for hour in range(2, 9))))).json()
    await upload(client, table(row(20), row(21)))
    page = (await client.get(f"{ROOT}/imports/{done['id']}/quarantine", params={"limit": 5})).json()
    rest = await client.get(f"{ROOT}/imports/{done['id']}/quarantine", params={"limit": 5, "cursor": page["next"]})
    assert [len(page["items"]), len(rest.json()["items"]), rest.json()["next"]] == [5, 2, None]
    newest = (await client.get(f"{ROOT}/imports", params={"limit": 1})).json()
    oldest = (await client.get(f"{ROOT}/imports", params={"cursor": newest["next"]})).json()
    assert [item["id"] for item in oldest["items"]] == [done["id"]]


async def test_a_file_that_is_no_table_is_answered_with_the_reason(client: httpx.AsyncClient) -> None:
    done = (await upload(client, b"\x89PNG\r\n", "chart.csv")).json()
    assert (done["status"], done["problems"][0]["code"]) == ("refused", "file_foreign")


async def test_a_refusal_on_the_page_names_no_option_of_a_command(client: httpx.AsyncClient) -> None:
    nameless = "time,open,high,low,close,volume\n1704067200,1,2,1,1,1\n"
    for said, code in (({}, "symbol_unknown"), ({"symbol": "BTC/USDT"}, "timeframe_unknown")):
        (problem,) = (await upload(client, nameless, "nothing.csv", **said)).json()["problems"]
        assert problem["code"] == code
        assert "as you import it" in problem["reason"]
        assert "--" not in problem["reason"]


async def test_a_form_without_a_file_or_with_an_unreadable_word_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{ROOT}/imports", data={"symbol": "BTC/USDT"})
    assert (answer.status_code, answer.json()["code"]) == (422, "file_missing")
    answer = await upload(client, table(row(0)), symbol="??")
    assert (answer.status_code, answer.json()["code"]) == (422, "option_unreadable")


async def test_a_file_of_several_megabytes_is_taken(client: httpx.AsyncClient) -> None:
    content = table(*(row(hour, volume=f"2.{hour:060}") for hour in range(20_000)))
    assert len(content) > 2 * 1024 * 1024
    assert (await upload(client, content)).json()["rows_kept"] == 20_000


def answer_to_head(client: httpx.AsyncClient, served: Served, lengths: list[str]) -> str:
    """Announce an upload and send none of it; return what the server says to that."""
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    head = [
        *(f"POST {ROOT}/imports HTTP/1.1", f"Host: {client.base_url.netloc.decode()}", "Connection: close"),
        *lengths,
        f"Cookie: {cookie}",
        *(f"X-OMC-CSRF: {client.headers['x-omc-csrf']}", "Content-Type: multipart/form-data; boundary=x", "", ""),
    ]
    address = urlsplit(served.url)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall("\r\n".join(head).encode())
        answer = ""
        while part := connection.recv(65_536):
            answer += part.decode()
    return answer


async def test_an_upload_of_two_gigabytes_is_refused_before_it_is_sent(
    client: httpx.AsyncClient, served: Served
) -> None:
    answer = answer_to_head(client, served, [f"Content-Length: {2 * 1024**3}"])
    assert " 413 " in answer.splitlines()[0]
    assert "the limit is 256 MiB" in answer


@pytest.mark.parametrize(
    ("lengths", "status"),
    [
        (["Transfer-Encoding: chunked"], 411),
        (["Content-Length: 10", "Transfer-Encoding: chunked"], 400),
        (["Transfer-Encoding: chunked", "Content-Length: 10"], 400),
        (["Content-Length: 10", "Content-Length: 2147483648"], 400),
    ],
)
async def test_an_upload_that_hides_its_length_or_tells_two_is_refused_before_it_is_read(
    client: httpx.AsyncClient, served: Served, lengths: list[str], status: int
) -> None:
    assert f" {status} " in answer_to_head(client, served, lengths).splitlines()[0]


async def test_synthetic_markets_are_made_once_and_say_what_they_are(client: httpx.AsyncClient) -> None:
    wish = {"symbols": ["BTC/USDT"], "timeframe": "1h", "start": "2024-01-01T00:00:00Z", "end": "2024-02-01T00:00:00Z"}
    first = (await client.post(f"{ROOT}/synthetic", json={**wish, "seed": 3})).json()["items"][0]
    again = (await client.post(f"{ROOT}/synthetic", json={**wish, "seed": 3})).json()["items"][0]
    other = (await client.post(f"{ROOT}/synthetic", json={**wish, "seed": 4})).json()["items"][0]
    assert first == again
    assert (first["venue"], first["origin"], first["bars"], first["gaps"]) == ("synthetic", "synthetic", 744, 0)
    assert first["label"] == "SYNTHETIC BTC/USDT 1h (seed 3)"
    assert other["id"] != first["id"]


async def test_wishes_for_markets_that_cannot_be_made_are_refused_with_the_place(client: httpx.AsyncClient) -> None:
    for wish, place in (
        ({"symbols": ["GOLD/USD"]}, "/symbols"),
        ({"timeframe": "1 fortnight"}, "/timeframe"),
        ({"timeframe": "1s"}, "/end"),
        ({"start": "2024-01-02T00:00:00Z", "end": "2024-01-01T00:00:00Z"}, "/end"),
        ({"end": "2999-01-01T00:00:00Z", "timeframe": "1d"}, "/end"),
        ({"start": "0001-01-01T00:00:00Z"}, "/end"),
    ):
        answer = await client.post(f"{ROOT}/synthetic", json=wish)
        assert (answer.status_code, answer.json()["place"]) == (422, place), answer.text


async def test_a_chart_of_many_bars_is_folded_to_what_fits(client: httpx.AsyncClient) -> None:
    wish = {"symbols": ["ETH/USDT"], "start": "2024-01-01T00:00:00Z", "end": "2024-12-01T00:00:00Z"}
    series = (await client.post(f"{ROOT}/synthetic", json=wish)).json()["items"][0]
    bars = (await client.get(f"{ROOT}/bars", params={"series_id": series["id"], "max_points": 500})).json()
    assert (bars["timeframe"], bars["level"], len(bars["ts"])) == ("1h", "1d", 335)


async def test_what_is_not_there_is_said(client: httpx.AsyncClient) -> None:
    nowhere = "0199a0c2-0000-7000-8000-000000000001"
    for path in (f"series/{nowhere}", f"bars?series_id={nowhere}", f"imports/{nowhere}/quarantine"):
        assert (await client.get(f"{ROOT}/{path}")).status_code == 404


async def test_a_stranger_sees_nothing(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.url) as stranger:
        assert (await stranger.get(f"{ROOT}/series")).status_code == 401
        assert (await stranger.post(f"{ROOT}/imports", files={"file": ("a.csv", b"x")})).status_code == 401

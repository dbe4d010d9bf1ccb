"""A simulated model provider on loopback that speaks the four real protocols; the official SDKs run against it.

In a test, ask for the fixture `model_server`; it is registered in `tests/conftest.py` (`pytest_plugins`)::

    async def test_it(model_server: ModelServer) -> None:
        client = AsyncOpenAI(api_key=KEY, base_url=model_server.openai_url)  # chat and responses
        client = AsyncAnthropic(api_key=KEY, base_url=model_server.url)
        client = genai.Client(api_key=KEY, http_options=HttpOptions(base_url=model_server.url))
        client = AsyncOpenAI(api_key="none", base_url=model_server.compatible_url("ollama"))
        model_server.script(Answer(text="Hi", calls=[Call("look", {"at": "it"})]), Answer(text="Done"))
        model_server.fail("429_retry", times=2)  # the next two calls; also wire=, model=, key=
        model_server.down()
        model_server.silent()
        model_server.up()
        assert model_server.seen[-1].key == KEY  # every request that reached the wire, with its headers and body

Without a script it does research where the lab's tools are offered (the built-in analyst decides, from the tool results
on the wire, so all four kinds come to the same report), and otherwise calls the first tool once and says what it heard.

In another process: `python -m tests.sims.models --port N [--control-port M] [--key K] [--latency-ms 50]` from the root
of the repository prints its address, and then its control's. Faults are chosen there by words in the model's name or
in the key: `fail-429` fails always, `fail-429x2` the first two calls; or by a POST to `/control` (on the wire's port,
and on the control's, which stays when the wire is down), with any of::

    {
        "reset": true,
        "keys": [...],
        "models": [...],
        "latency_s": 0.05,
        "chunk_delay_s": 0.01,
        "script": [{"text": "Hi", "calls": [{"name": "look", "arguments": {}}]}],
        "model": "only-for-this-one",
        "fail": {"fault": "500", "times": 2, "wire": "gemini", "model": "...", "key": "..."},
        "door": "refuse" | "silence" | "open",
    }

`GET /control/requests` returns what was seen. The faults and their names: `faults.Fault`. The compatible servers and
how they differ: `wire_chat.DIALECTS`. A redirect leads to another host name of this machine, and what arrives there is
seen with the wire `elsewhere`.
"""

"""The model library's own classes, pointed at a server on loopback."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

from tests.sims.models.faults import Wire
from tests.sims.models.fixture import KEY

ONCE = ModelSettings(max_retries=0, timeout=20.0)


@asynccontextmanager
async def library_model(url: str, wire: Wire, name: str = "sim-large", *, key: str = KEY) -> AsyncGenerator[Model]:
    """A model that speaks a wire to the server at `url`, without retries; its connections close with the block."""
    match wire:
        case Wire.CHAT:
            provider = OpenAIProvider(api_key=key, base_url=f"{url}/v1")
            model: Model = OpenAIChatModel(name, provider=provider, settings=ONCE)
        case Wire.RESPONSES:
            provider = OpenAIProvider(api_key=key, base_url=f"{url}/v1")
            model = OpenAIResponsesModel(name, provider=provider, settings=ONCE)
        case Wire.ANTHROPIC:
            model = AnthropicModel(name, provider=AnthropicProvider(api_key=key, base_url=url), settings=ONCE)
        case Wire.GEMINI:
            model = GoogleModel(name, provider=GoogleProvider(api_key=key, base_url=url), settings=ONCE)
    async with model:
        yield model

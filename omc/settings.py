"""What an operator may set: `OMC_` variables and `omc.toml` in the data directory, read once, at a door."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    model_validator,
)

from omc.kit.errors import InstallationError

PREFIX = "OMC_"
FILE_NAME = "omc.toml"
ROOT_KEY_FILE_NAME = "root-key.json"
DEFAULT_DATA_DIR = Path(".data")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

DataDir = Annotated[Path, AfterValidator(lambda path: path.expanduser().resolve())]
FilePath = Annotated[Path, AfterValidator(lambda path: path.expanduser().resolve())]
Networks = Annotated[
    tuple[IPvAnyNetwork, ...],
    BeforeValidator(lambda given: given.replace(",", " ").split() if isinstance(given, str) else given),
]


class SettingsError(InstallationError):
    """A setting is unknown or wrong; the text names it and where it came from."""

    def __init__(self, text: str) -> None:
        """Explain."""
        super().__init__("wrong_setting", text)


class Settings(BaseModel):
    """One frozen object; a variable wins over the file, the file over the default here."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    data_dir: DataDir = Field(default=DEFAULT_DATA_DIR, description="Everything OMC keeps lives here.")
    database_url: SecretStr | None = Field(
        default=None, description="A PostgreSQL 15 or newer, as the role omc_app. Unset: the embedded server."
    )
    database_owner_url: SecretStr | None = Field(
        default=None, description="The same database as the role omc_owner, for migrations only."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on; loopback unless you say otherwise.")
    port: int = Field(default=8420, ge=1, le=65535, description="Port of the page and the API.")
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/]+$",
        description="The address people type, when a proxy stands before OMC.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    root_key_file: FilePath | None = Field(
        default=None, description="The file of the root key that seals stored keys. Unset: in the data directory."
    )
    kms_key_id: str | None = Field(
        default=None, pattern=r"^[\w:/.-]{1,200}$", description="A key of AWS KMS as the root instead of a file."
    )
    private_models: bool | None = Field(
        default=None,
        description="Whether model servers on this machine and on private networks may be called. Unset: yes while OMC "
        "listens on loopback only.",
    )
    model_networks: Networks = Field(
        default=(), description="Private networks whose model servers may be called, as 10.1.0.0/16, comma between."
    )
    key_changes_per_hour: int = Field(default=10, ge=1, le=10_000, description="Keys one person may add or rotate.")
    key_tests_per_hour: int = Field(default=20, ge=1, le=10_000, description="Keys one person may test.")
    sessions_at_once: int = Field(
        default=64, ge=2, le=1_000, description="Research sessions that one worker has under way; more wait in line."
    )
    sessions_at_once_a_workspace: int = Field(
        default=64, ge=1, le=1_000, description="The same for one workspace, in all workers together."
    )
    demo_data: bool = Field(default=True, description="Load synthetic markets when there are none.")

    @model_validator(mode="after")
    def _urls_come_in_pairs(self) -> Self:
        if self.database_owner_url is not None and self.database_url is None:
            raise ValueError("database_owner_url needs database_url as well")
        return self

    @property
    def root_keys(self) -> Path:
        """The root key file."""
        return self.root_key_file or self.data_dir / ROOT_KEY_FILE_NAME

    @property
    def calls_private_models(self) -> bool:
        """Whether private addresses may be called: an installation that others reach must be told so."""
        if self.private_models is not None:
            return self.private_models
        return self.public_url is None and self.host in LOOPBACK

    @property
    def browser_url(self) -> str:
        """The address to print for people."""
        host = "localhost" if self.host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else self.host  # noqa: S104
        return self.public_url or f"http://{host}:{self.port}"


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raise SettingsError for an unknown name or a wrong value."""
    variables = os.environ if environment is None else environment  # noqa: TID251 - the one place that reads it
    data_dir = Path(variables.get(f"{PREFIX}DATA_DIR") or DEFAULT_DATA_DIR).expanduser()
    file = data_dir / FILE_NAME
    known = set(Settings.model_fields)
    _refuse_unknown({name for name in variables if name.startswith(PREFIX)}, {PREFIX + name.upper() for name in known})
    values = _read(file)
    _refuse_unknown(set(values), known - {"data_dir"}, where=f" in {file}")
    given = {name: variables[PREFIX + name.upper()] for name in known if PREFIX + name.upper() in variables}
    try:
        return Settings.model_validate({**values, "data_dir": data_dir, **given})
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def _read(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from None


def _refuse_unknown(given: set[str], known: set[str], *, where: str = "") -> None:
    if unknown := sorted(given - known):
        raise SettingsError(f"Unknown setting {', '.join(unknown)}{where}. Known: {', '.join(sorted(known))}.")


def _explain(error: ValidationError) -> str:
    parts = [f"{'.'.join(str(step) for step in item['loc']) or 'settings'}: {item['msg']}" for item in error.errors()]
    return "Wrong setting. " + "; ".join(parts)

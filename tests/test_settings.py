"""Settings: variables over the file over the default, and nothing that is not known."""

from pathlib import Path

import pytest

from omc.settings import Settings, SettingsError, load


def settings(directory: Path, **variables: str) -> Settings:
    return load({"OMC_DATA_DIR": str(directory), **variables})


def test_without_any_setting_it_listens_on_loopback_and_keeps_its_own_database(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found.host == "127.0.0.1"
    assert found.database_url is None
    assert found.data_dir == tmp_path


def test_a_variable_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    (tmp_path / "omc.toml").write_text('port = 9001\nlog_level = "debug"\n')
    found = settings(tmp_path, OMC_PORT="9002")
    assert (found.port, found.log_level, found.log_format) == (9002, "debug", "text")


@pytest.mark.parametrize("line", ["prot = 9001", "data_dir = '/elsewhere'", "[port]\nx = 1", "port = "])
def test_a_file_with_anything_unknown_or_unreadable_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "omc.toml").write_text(line)
    with pytest.raises(SettingsError):
        settings(tmp_path)


def test_an_unknown_variable_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"OMC_PROT.*Known: .*OMC_PORT"):
        settings(tmp_path, OMC_PROT="1")


@pytest.mark.parametrize(
    ("name", "value"),
    [("OMC_PORT", "0"), ("OMC_PORT", "x"), ("OMC_PUBLIC_URL", "omc.example"), ("OMC_LOG_LEVEL", "loud")],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_setting(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=name.removeprefix("OMC_").lower()):
        settings(tmp_path, **{name: value})


def test_an_owner_without_a_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="needs database_url"):
        settings(tmp_path, OMC_DATABASE_OWNER_URL="postgresql://a@b/c")


def test_settings_are_frozen_and_do_not_print_passwords(tmp_path: Path) -> None:
    found = settings(tmp_path, OMC_DATABASE_URL="postgresql://omc_app:hunter2@db/omc")
    assert "hunter2" not in repr(found)
    with pytest.raises(ValueError, match="frozen"):
        found.port = 1  # ty: ignore[invalid-assignment]


def test_a_laptop_calls_its_own_model_servers_and_a_server_must_be_told_so(tmp_path: Path) -> None:
    assert settings(tmp_path).calls_private_models
    assert not settings(tmp_path, OMC_HOST="0.0.0.0").calls_private_models
    assert not settings(tmp_path, OMC_PUBLIC_URL="https://omc.example").calls_private_models
    assert settings(tmp_path, OMC_HOST="0.0.0.0", OMC_PRIVATE_MODELS="true").calls_private_models
    assert not settings(tmp_path, OMC_PRIVATE_MODELS="false").calls_private_models


def test_networks_are_a_list_and_the_root_key_has_a_place_of_its_own(tmp_path: Path) -> None:
    found = settings(tmp_path, OMC_MODEL_NETWORKS="10.1.0.0/16, fd12::/48", OMC_ROOT_KEY_FILE=str(tmp_path / "k" / "r"))
    assert [str(network) for network in found.model_networks] == ["10.1.0.0/16", "fd12::/48"]
    assert found.root_keys == tmp_path / "k" / "r"
    assert settings(tmp_path).root_keys.parent == tmp_path
    with pytest.raises(SettingsError, match="model_networks"):
        settings(tmp_path, OMC_MODEL_NETWORKS="everything")

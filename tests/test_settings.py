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

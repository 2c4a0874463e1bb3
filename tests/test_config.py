"""Settings: layers, origins, trust, and messages that name the thing and the way out."""

from pathlib import Path

import pytest
from repoask.config import Configuration, Folders, check_project_file, is_trusted, load, project_file, trust
from repoask.errors import ConfigError
from repoask.settings import Settings


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "config/config.toml", tmp_path / "cache", tmp_path / "state", tmp_path / "data")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "repo/.git").mkdir(parents=True)
    file = tmp_path / "repo/.repoask.toml"
    file.write_text("limit = 3\n")
    return file


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def loaded(folders: Folders, *, project: Path | None = None, **environ: str) -> Configuration:
    return load(environ=environ, folders=folders, project=project)


def test_without_any_layer_everything_is_a_default(folders: Folders) -> None:
    configuration = loaded(folders)
    assert configuration.settings == Settings()
    assert set(configuration.origins.values()) == {"default"}
    assert configuration.cache == folders.cache


def test_flags_win_over_environment_over_project_over_user_file(folders: Folders, project: Path) -> None:
    write(folders.user_file, 'limit = 2\nmodel = "user"\nseed = 2\nformat = "json"\n')
    project.write_text('limit = 3\nmodel = "project"\nseed = 3\n')
    trust(project, project.read_bytes(), folders=folders)
    configuration = load(
        flags={"limit": "5"},
        project=project,
        environ={"REPOASK_LIMIT": "4", "REPOASK_MODEL": "env"},
        folders=folders,
    )
    settings, origins = configuration.settings, configuration.origins
    assert (settings.limit, origins["limit"]) == (5, "--limit")
    assert (settings.model, origins["model"]) == ("env", "REPOASK_MODEL")
    assert (settings.seed, origins["seed"]) == (3, str(project))
    assert (settings.format, origins["format"]) == ("json", str(folders.user_file))


def test_a_project_file_is_ignored_until_it_is_trusted(folders: Folders, project: Path) -> None:
    before = loaded(folders, project=project)
    assert before.settings.limit == 10
    assert before.notes == (f"{project} is ignored; read it, then run: repoask config trust {project.parent}",)
    trust(project, project.read_bytes(), folders=folders)
    after = loaded(folders, project=project)
    assert (after.settings.limit, after.notes) == (3, ())


def test_trust_ends_when_the_content_changes(folders: Folders, project: Path) -> None:
    trust(project, project.read_bytes(), folders=folders)
    project.write_text('base_url = "https://elsewhere.example/v1"\n')
    configuration = loaded(folders, project=project)
    assert configuration.settings.base_url == ""
    assert "has changed since it was trusted" in configuration.notes[0]


def test_trust_does_not_carry_over_to_another_path(folders: Folders, project: Path, tmp_path: Path) -> None:
    trust(project, project.read_bytes(), folders=folders)
    copy = tmp_path / "copy/.repoask.toml"
    write(copy, project.read_text())
    assert not is_trusted(copy, copy.read_bytes(), folders=folders)


def test_an_untrusted_project_file_is_not_even_parsed(folders: Folders, project: Path) -> None:
    project.write_text("this is = = no TOML")
    assert loaded(folders, project=project).settings == Settings()


def test_the_project_file_is_found_from_a_sub_folder_and_from_a_file(project: Path) -> None:
    sub = project.parent / "src/deep"
    sub.mkdir(parents=True)
    assert project_file(sub) == project
    assert project_file(project.parent) == project


def test_a_folder_without_git_uses_its_own_project_file_only(tmp_path: Path) -> None:
    write(tmp_path / ".repoask.toml", "limit = 3\n")
    (tmp_path / "sub").mkdir()
    assert project_file(tmp_path) == tmp_path / ".repoask.toml"
    assert project_file(tmp_path / "sub") is None


def test_a_key_alone_selects_no_model_and_is_never_shown(folders: Folders) -> None:
    configuration = loaded(folders, REPOASK_API_KEY="sk-very-secret")
    assert configuration.api_key == "sk-very-secret"
    assert (configuration.settings.model, configuration.settings.base_url) == ("", "")
    assert "sk-very-secret" not in repr(configuration)


def test_keys_of_other_programs_are_not_taken(folders: Folders) -> None:
    assert loaded(folders, OPENAI_API_KEY="sk-other").api_key is None


def test_api_key_env_names_the_variable(folders: Folders) -> None:
    configuration = loaded(folders, REPOASK_API_KEY_ENV="MY_KEY", MY_KEY="sk-mine", REPOASK_API_KEY="sk-not-this")
    assert configuration.api_key == "sk-mine"
    with pytest.raises(ConfigError, match="MY_KEY"):
        loaded(folders, REPOASK_API_KEY_ENV="MY_KEY")


@pytest.mark.parametrize(
    ("variable", "value", "name", "expected"),
    [
        ("REPOASK_MAX_FILE_SIZE", "50 MB", "max_file_size", 50_000_000),
        ("REPOASK_MAX_FILE_SIZE", "1MiB", "max_file_size", 1 << 20),
        ("REPOASK_OFFLINE", "1", "offline", True),
        ("REPOASK_OFFLINE", "no", "offline", False),
        ("REPOASK_EXCLUDE", "docs/**, tests/**", "exclude", ("docs/**", "tests/**")),
        ("REPOASK_INDEX_DIR", "/x/y", "index_dir", Path("/x/y")),
        ("REPOASK_BASE_URL", "http://127.0.0.1:8000/v1/", "base_url", "http://127.0.0.1:8000/v1"),
    ],
)
def test_variables_are_read_as_their_setting(
    folders: Folders, variable: str, value: str, name: str, expected: object
) -> None:
    assert getattr(loaded(folders, **{variable: value}).settings, name) == expected


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("limit = \n", "not valid TOML"),
        ("limt = 3\n", "did you mean `limit`"),
        ("limit = 0\n", "`limit` = 0: is not over 0"),
        ('format = "xml"\n', "`format` = 'xml'"),
        ('api_key = "sk-1"\n', "a key is not kept in a file"),
        ('base_url = "localhost:8000"\n', "not an http:// or https:// URL"),
        ('base_url = "https://u:p@host/v1"\n', "holds a user or password"),
    ],
)
def test_a_wrong_user_file_is_one_line_that_names_the_file(folders: Folders, toml: str, message: str) -> None:
    write(folders.user_file, toml)
    with pytest.raises(ConfigError) as error:
        loaded(folders)
    assert str(error.value).startswith(f"{folders.user_file}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_wrong_variable_is_named(folders: Folders) -> None:
    with pytest.raises(ConfigError, match="REPOASK_LIMIT: `limit` = 'many'"):
        loaded(folders, REPOASK_LIMIT="many")


def test_a_misspelt_variable_is_noted_not_refused(folders: Folders) -> None:
    assert loaded(folders, REPOASK_LIMT="3").notes == ("REPOASK_LIMT is no setting; did you mean REPOASK_LIMIT?",)


def test_a_file_saved_with_a_byte_order_mark_is_read(folders: Folders) -> None:
    folders.user_file.parent.mkdir(parents=True)
    folders.user_file.write_bytes(b"\xef\xbb\xbflimit = 4\r\n")
    assert loaded(folders).settings.limit == 4


def test_a_damaged_list_of_trusted_files_trusts_nothing(folders: Folders, project: Path) -> None:
    write(folders.state / "trusted.json", "{broken")
    assert loaded(folders, project=project).settings.limit == 10


@pytest.mark.parametrize(
    ("toml", "message"),
    [("limit = 0\n", "limit"), ("limit =\n", "not valid TOML"), ("limt = 1\n", "did you mean `limit`")],
)
def test_a_project_file_that_would_not_count_cannot_be_trusted(project: Path, toml: str, message: str) -> None:
    project.write_text(toml)
    with pytest.raises(ConfigError, match=message):
        check_project_file(project)


def test_a_project_file_that_leads_out_of_the_project_is_neither_read_nor_trusted(
    folders: Folders, project: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "private.toml"
    outside.write_text("limit = 3\n")
    project.unlink()
    project.symlink_to(outside)
    with pytest.raises(ConfigError, match="leads out of the project"):
        check_project_file(project)
    trust(outside, outside.read_bytes(), folders=folders)
    configuration = loaded(folders, project=project)
    assert configuration.origins["limit"] == "default"
    assert "leads out of the project" in configuration.notes[0]


@pytest.mark.parametrize("setting", ["base_url", "embedder"])
def test_a_url_with_a_password_is_refused_without_repeating_it(folders: Folders, setting: str) -> None:
    with pytest.raises(ConfigError, match="holds a user or password") as error:
        load(flags={setting: "http://user:hunter2@host/v1#m"}, environ={}, folders=folders)
    assert "hunter2" not in str(error.value)
    assert "host/v1" in str(error.value)


def test_the_index_folder_is_named_in_full(folders: Folders) -> None:
    with pytest.raises(ConfigError, match=r"index_dir.*is empty"):
        load(flags={"index_dir": ""}, environ={}, folders=folders)
    assert loaded(folders, REPOASK_INDEX_DIR="~/x").settings.index_dir == Path.home() / "x"

import random
import stat
import subprocess
import sys

import pytest
from repoask.ingest import secrets

# put together here, so that no scanner takes this file for a leak
GITHUB = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
AWS_ID = "AKIA" + "Z3QWERTY4UIOPL5K"
AWS_SECRET = "wJalrXUtn" + "FEMI/K7MDENG/bPxRfiCYzzzzzzzKEY"
SLACK = "xoxb-" + "123456789012-1234567890123-" + "AbCdEfGhIjKlMnOpQrStUvWx"


def private_key() -> str:
    body = "".join(random.Random(3).choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/", k=640))
    rows = "\n".join(body[start : start + 64] for start in range(0, 640, 64))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{rows}\n-----END RSA PRIVATE KEY-----"


def test_a_line_with_a_token_is_withheld_and_its_neighbours_stay():
    text, withheld = secrets.withhold(f"import os\ntoken = '{GITHUB}'\nprint(token)\n")
    assert text == "import os\n[withheld: github-pat]\nprint(token)\n"
    assert withheld == ((2, "betterleaks.github-pat"),)


def test_every_line_of_a_private_key_is_withheld():
    text, withheld = secrets.withhold(f"before\n{private_key()}\nafter\n")
    lines = text.split("\n")
    assert (lines[0], lines[-2]) == ("before", "after")
    assert [line for line, _ in withheld] == list(range(2, 14))
    assert set(lines[1:-2]) == {"[withheld: private-key]"}


def test_lines_are_counted_by_newlines_alone():
    text, withheld = secrets.withhold(f"a\x0cb\u2028c\rd\n\x85\ntoken: {GITHUB}\x0c\nend")
    assert withheld == ((3, "betterleaks.github-pat"),)
    assert text == "a\x0cb\u2028c\rd\n\x85\n[withheld: github-pat]\nend"


def test_a_secret_that_is_repeated_without_context_is_withheld_everywhere():
    text, withheld = secrets.withhold(f'aws_secret_access_key = "{AWS_SECRET}"\nx\nassert got == "{AWS_SECRET}"\n')
    assert [line for line, _ in withheld] == [1, 3]
    assert AWS_SECRET not in text


def test_both_halves_of_a_composite_credential_are_withheld():
    text, _ = secrets.withhold(f"aws_access_key_id = {AWS_ID}\naws_secret_access_key = {AWS_SECRET}\n")
    assert AWS_ID not in text
    assert AWS_SECRET not in text


@pytest.mark.parametrize("password", ["password", "guest", "${DB_PASS}", "<password>", "xxxx"])
def test_a_placeholder_in_a_url_is_no_secret(password):
    text = f"url: postgres://user:{password}@db.internal/app\n"
    assert secrets.withhold(text) == (text, ())


def test_a_password_in_a_url_is_one():
    text, withheld = secrets.withhold("url: postgres://svc:q8Zr!t4Lw0@db.internal/app\n")
    assert withheld == ((1, "betterleaks.generic-credential-uri"),)
    assert "q8Zr" not in text


@pytest.mark.parametrize(
    "line",
    [
        'password = "hunter2' + 'Xy9q!kd55"',
        '"clientSecret": "dGhpcyBpcyBh' + 'IHRlc3Q5OTk5",',
        "SECRET_KEY='192b9bdd22ab9ed4d12e236c78af" + "cb9a393ec15f71bbf5dc987d54727823'",
        "config['api_key'] => 'a8f5f167f44f4964" + "e6c998dee827110c'",
    ],
)
def test_a_random_value_assigned_to_a_name_that_says_secret_is_one(line):
    assert secrets.withhold(f"{line}\n") == ("[withheld: assigned-secret]\n", ((1, "repoask.assigned-secret"),))


@pytest.mark.parametrize(
    "line",
    [
        'password = "${DB_PASSWORD}"',
        'token = "get_access_token_v2"',
        'api_key = os.environ["SERVICE_API_KEY_2024"]',
        'password_label = "Your new password"',
        'secret_name = "projects/demo/secrets/one"',
    ],
)
def test_a_name_that_says_secret_alone_is_none(line):
    assert secrets.withhold(f"{line}\n") == (f"{line}\n", ())


def test_ordinary_code_is_untouched():
    text = "def total(prices: list[int]) -> int:\n    return sum(prices)\n\nsha256 = '" + "0f" * 32 + "'\n"
    assert secrets.withhold(text) == (text, ())


def test_half_a_surrogate_pair_does_not_stop_it():
    assert secrets.withhold(f"\ud800\n{GITHUB}\n")[1] == ((2, "betterleaks.github-pat"),)


def in_a_new_process(code: str) -> str:
    secrets.prepare()  # so that its compiled rules are there
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_small_harmless_text_loads_no_scanner():
    loaded = in_a_new_process(
        "import sys; from repoask.ingest import secrets\n"
        "secrets.withhold('def f():\\n    return 1\\n' * 40); print('kingfisher_sdk' in sys.modules)"
    )
    assert loaded == "False"


def test_a_small_text_with_a_secret_is_withheld_by_a_fresh_process():
    masked = in_a_new_process(
        f"from repoask.ingest import secrets\nprint(secrets.withhold('x = {SLACK[:8]}' + '{SLACK[8:]}')[0])"
    )
    assert masked.startswith("[withheld: slack")


def test_naming_the_rules_loads_no_scanner():
    printed = in_a_new_process(
        "import sys; from repoask.ingest import secrets\nprint(secrets.rules_hash(), 'kingfisher_sdk' in sys.modules)"
    )
    assert printed == f"{secrets.rules_hash()} False"


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_compiled_rules_lie_in_a_folder_that_is_private():
    in_a_new_process(f"from repoask.ingest import secrets\nsecrets.withhold('{GITHUB[:6]}' + '{GITHUB[6:]}')")
    folder = secrets._rules_folder()
    assert folder is not None
    assert not stat.S_IMODE(folder.stat().st_mode) & 0o022
    assert {path.suffix for path in folder.iterdir()} >= {".vscdb", ".json"}


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
@pytest.mark.parametrize(("mode", "used"), [(0o700, True), (0o777, False)])
def test_outside_a_virtual_environment_rules_lie_where_configured_if_it_is_private(tmp_path, mode, used):
    folder = tmp_path / "rules"
    folder.mkdir()
    folder.chmod(mode)
    printed = in_a_new_process(
        "import sys; from pathlib import Path; from repoask.ingest import secrets\n"
        "sys.prefix = sys.base_prefix\n"
        f"secrets.configure(Path({str(folder)!r})); print(secrets._rules_folder())"
    )
    assert printed == str(folder if used else None)

import base64
import random
import re
import stat
import string
import subprocess
import sys
import time

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


def withhold(text: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    masked = secrets.withhold(text)
    assert (masked.shape is None) == (not masked.lines)
    return masked.text, masked.lines


def test_a_line_with_a_token_is_withheld_and_its_neighbours_stay():
    text, withheld = withhold(f"import os\ntoken = '{GITHUB}'\nprint(token)\n")
    assert text == "import os\n[withheld: github-pat]\nprint(token)\n"
    assert withheld == ((2, "betterleaks.github-pat"),)


def test_every_line_of_a_private_key_is_withheld():
    text, withheld = withhold(f"before\n{private_key()}\nafter\n")
    lines = text.split("\n")
    assert (lines[0], lines[-2]) == ("before", "after")
    assert [line for line, _ in withheld] == list(range(2, 14))
    assert set(lines[1:-2]) == {"[withheld: private-key]"}


def test_lines_are_counted_by_newlines_alone():
    text, withheld = withhold(f"a\x0cb\u2028c\rd\n\x85\ntoken: {GITHUB}\x0c\nend")
    assert withheld == ((3, "betterleaks.github-pat"),)
    assert text == "a\x0cb\u2028c\rd\n\x85\n[withheld: github-pat]\nend"


def test_a_secret_that_is_repeated_without_context_is_withheld_everywhere():
    text, withheld = withhold(f'aws_secret_access_key = "{AWS_SECRET}"\nx\nassert got == "{AWS_SECRET}"\n')
    assert [line for line, _ in withheld] == [1, 3]
    assert AWS_SECRET not in text


def test_both_halves_of_a_composite_credential_are_withheld():
    text, _ = withhold(f"aws_access_key_id = {AWS_ID}\naws_secret_access_key = {AWS_SECRET}\n")
    assert AWS_ID not in text
    assert AWS_SECRET not in text


@pytest.mark.parametrize("password", ["password", "guest", "${DB_PASS}", "<password>", "xxxx"])
def test_a_placeholder_in_a_url_is_no_secret(password):
    text = f"url: postgres://user:{password}@db.internal/app\n"
    assert withhold(text) == (text, ())


def test_a_password_in_a_url_is_one():
    text, withheld = withhold("url: postgres://svc:q8Zr!t4Lw0@db.internal/app\n")
    assert withheld == ((1, "betterleaks.generic-credential-uri"),)
    assert "q8Zr" not in text


RANDOM = random.Random(7)


def made_of(length: int, characters: str = string.ascii_letters + string.digits) -> str:
    return "".join(RANDOM.choices(characters, k=length))


HEX = "0123456789abcdef"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('password = "hunter2' + 'Xy9q!kd55"', "assigned-secret"),
        ('password = "hunter2' + 'Correct9Horse"', "assigned-secret"),
        ('db_password = "kJ8#' + 'mP2$vL9q"', "assigned-secret"),
        ('"password": "kJ8m' + 'P2vL9qR4"', "assigned-secret"),
        ('"clientSecret": "dGhpcyBpcyBh' + 'IHRlc3Q5OTk5",', "assigned-secret"),
        (f"SECRET_KEY='{made_of(64, HEX)}'", "assigned-secret"),
        (f'twilio_token="{made_of(32, HEX)}"', "assigned-secret"),
        (f"config['api_key'] => '{made_of(32)}'", "assigned-secret"),
        (f'const apiToken string = "{made_of(32)}"', "assigned-secret"),
        (f'os.environ.setdefault("API_KEY", "{made_of(32)}")', "assigned-secret"),
        (rf'body = "{{\"password\": \"{made_of(20)}\"}}"', "assigned-secret"),
        (f"    password: {made_of(18)}", "plain-secret"),
        (f"    token: {made_of(43)}", "plain-secret"),
        (f"DB_PASSWORD={made_of(24)}", "plain-secret"),
        (f"get https://api.acme.io/v1?api_key={made_of(32)}&page=2", "plain-secret"),
        (f'headers = {{"Authorization": "Bearer {made_of(40)}"}}', "authorization"),
        ('"Authorization": "Basic ' + base64.b64encode(b"svc:Tq7w3Zp9Lx2V").decode() + '"', "authorization"),
        (f'url = "postgres://admin:{made_of(16)}@db.example.com/prod"', "credential-url"),
        (f'AWS_KEY="{AWS_ID}"', "aws-access-key-id"),
        (f"aws_access_key_id = {AWS_ID[:-4]}1890", "aws-access-key-id"),
        (f"AccountKey={made_of(86)}==;", "azure-account-key"),
        (f't = "{made_of(9, string.digits)}:AA{made_of(33)}"', "telegram-bot-token"),
        (f'd = "MTA{made_of(21)}.G{made_of(5)}.{made_of(38)}"', "discord-bot-token"),
    ],
)
def test_what_no_provider_names_is_known_by_where_it_stands_and_what_it_looks_like(line, rule):
    assert withhold(f"first\n{line}\nlast\n") == (f"first\n[withheld: {rule}]\nlast\n", ((2, f"repoask.{rule}"),))


@pytest.mark.parametrize(
    "line",
    [
        'password = "${DB_PASSWORD}"',
        'token = "get_access_token_v2"',
        'api_key = os.environ["SERVICE_API_KEY_2024"]',
        'password_label = "Your new password"',
        'secret_name = "projects/demo/secrets/one"',
        'password = "password123456"',
        'secret = "your-secret-key-here-1"',
        'api_key: "a1b2c3d4e5f6g7h8"',
        'AWS_KEY="AKIAIOSFODNN7' + 'EXAMPLE"',
        'url = "postgres://user:password@localhost:5432/test"',
        "    token = next_token2(stream_v2, oauth2_client)",
        "token: oauth2TokenFromSession,",
        'tokens = ["string_literal_1", "identifier_2"]',
        'token_url = "https://login.acme.io/v2/oauth2/token"',
        "Authorization: Basic " + base64.b64encode(b"user:password").decode(),
        "basic understanding-of-http2-multiplexing",
        'password_hash_version = "argon2id-v19-m65536"',
        'password = "p%40ss%2Fword%3F%23__"',
    ],
)
def test_a_name_that_says_secret_alone_is_none(line):
    assert withhold(f"{line}\n") == (f"{line}\n", ())


def test_the_sample_keys_of_flasks_documentation_are_shown():
    text = "SECRET_KEY='192b9bdd22ab9ed4d12e236c78af" + "cb9a393ec15f71bbf5dc987d54727823bcbf'\n"
    assert withhold(text) == (text, ())


def test_two_headings_of_keys_without_a_key_between_them_are_no_key():
    heading = 'assert_file("key.pem", "-----BEGIN RSA PRIVATE ' + 'KEY-----")\n'
    text = heading + "end\n\ntest two do\n  run()\n" * 8 + heading
    assert withhold(text) == (text, ())


def test_the_shape_of_a_text_is_its_lines_with_every_secret_x_ed_out():
    text = f'before = 1\n@auth(token="{GITHUB}")\ndef f(): ...\nKEYS = """\n{private_key()}\n"""\n'
    masked = secrets.withhold(text)
    assert masked.shape is not None
    assert list(map(len, masked.shape.split("\n"))) == list(map(len, text.split("\n")))
    assert masked.shape.startswith(f'before = 1\n@auth(token="xxx_{"x" * 36}")\ndef f(): ...\nKEYS = """\n-----')
    assert not re.search(r"[A-WYZa-wyz0-9]{12}", masked.shape.split("KEYS")[1])


def test_the_shape_keeps_no_second_secret_of_a_line():
    second = made_of(30)
    masked = secrets.withhold(f'login("{GITHUB}", "{second}")\n')
    assert masked.shape is not None
    assert second not in masked.shape


@pytest.mark.parametrize("end", ["\n", "; "])
def test_thousands_of_secrets_in_one_file_take_no_time(end):
    text = end.join(f'password = "{made_of(24)}"' for _ in range(4_000))
    started = time.process_time()
    masked = secrets.withhold(text)
    # 1 s at its pace; comparing each with each line took 40
    assert time.process_time() - started < 10
    assert masked.text.count("password") < 40  # one of a thousand spells words by chance


def test_ordinary_code_is_untouched():
    text = "def total(prices: list[int]) -> int:\n    return sum(prices)\n\nsha256 = '" + "0f" * 32 + "'\n"
    assert withhold(text) == (text, ())


def test_half_a_surrogate_pair_does_not_stop_it():
    assert withhold(f"\ud800\n{GITHUB}\n")[1] == ((2, "betterleaks.github-pat"),)


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
        f"from repoask.ingest import secrets\nprint(secrets.withhold('x = {SLACK[:8]}' + '{SLACK[8:]}').text)"
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

"""No secret is ever kept: planted in every shape, in every place, and what only looks like one stays."""

from __future__ import annotations

import base64
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.recorder.capture.patch import tracked_patch
from journal.recorder.capture.secret_names import is_secret_file, is_secret_name
from journal.recorder.capture.secret_shapes import REDACTED
from journal.recorder.capture.secrets import (
    redacted_argv,
    redacted_environment,
    redacted_text,
    redacted_url,
    secrets_in,
)

_ALNUM = string.ascii_letters + string.digits


def of(characters: str, least: int, most: int | None = None) -> st.SearchStrategy[str]:
    return st.text(alphabet=characters, min_size=least, max_size=most or least)


_HEX = of("0123456789abcdef", 40)
_JWT = st.tuples(of(_ALNUM, 20), of(_ALNUM, 30), of(_ALNUM, 43)).map(lambda parts: "eyJ" + ".".join(parts))
_PEM = st.lists(of(_ALNUM + "+/", 64), min_size=2, max_size=8).map(
    lambda lines: "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *lines, "-----END RSA PRIVATE KEY-----"])
)
# Whatever stands around them: they are known by themselves.
SHAPED = st.one_of(
    of(string.ascii_uppercase + string.digits, 16).map(lambda rest: f"AKIA{rest}"),
    st.tuples(st.sampled_from("pousr"), of(_ALNUM, 36)).map(lambda parts: f"gh{parts[0]}_{parts[1]}"),
    of(_ALNUM + "_", 60, 82).map(lambda rest: f"github_pat_{rest}"),
    of(_ALNUM + "_-", 20).map(lambda rest: f"glpat-{rest}"),
    of(_ALNUM + "-", 20, 60).map(lambda rest: f"xoxb-{rest}"),
    of(_ALNUM, 40).map(lambda rest: f"sk-proj-9{rest}"),
    of(_ALNUM + "_-", 40, 90).map(lambda rest: f"sk-ant-api03-{rest}"),
    of(_ALNUM, 34).map(lambda rest: f"hf_{rest}"),
    of(_ALNUM + "_-", 35).map(lambda rest: f"AIza{rest}"),
    _JWT,
)
# Known by the name before them.
NAMED = st.one_of(_HEX, of(_ALNUM, 24, 40).filter(lambda text: any(map(str.isdigit, text)) and not text.isdigit()))
NAMES = st.sampled_from(
    ["WANDB_API_KEY", "api_key", "apiKey", "DB_PASSWORD", "HF_TOKEN", "token", "client_secret", "aws_secret_access_key"]
)
IN_TEXT = st.sampled_from(
    [
        "{name}={value}", "{name} = '{value}'", '{name}: "{value}"', '"{name}": "{value}",', '{{"a": {{"{name}":"{value}"}}}}',
        "export {name}={value}", 'os.environ["{name}"] = "{value}"', 'os.environ.setdefault("{name}", "{value}")',
        "f({name}='{value}', x=1)", '{name}: str = "{value}"', '"{name} = \\"{value}\\"\\n",', "-e {name}={value}",
        "https://example.org/a?{name}={value}&b=1", "{name}: {value}", "+{name}='{value}'",
    ]
)  # fmt: skip


@given(
    SHAPED,
    st.booleans(),
    st.sampled_from(["{}", "x = '{}'", "run with {} now", '{{"a": "{}"}}', "a={}&b", "+{}", "({})"]),
)
def test_a_secret_with_a_shape_never_stays_in_a_text(secret: str, is_code: bool, around: str) -> None:
    assert secret not in redacted_text(around.format(secret), is_code=is_code)


@given(NAMES, NAMED, IN_TEXT, st.booleans())
def test_a_secret_with_a_name_never_stays_in_a_text(name: str, value: str, around: str, is_code: bool) -> None:
    assert value not in redacted_text(around.format(name=name, value=value), is_code=is_code)


@given(NAMES, st.text(alphabet=_ALNUM + "!§$%&/()[]?.,;:_-#+*~<>", min_size=6, max_size=30), st.integers(0, 3))
def test_a_secret_never_stays_on_a_command_line(name: str, secret: str, form: int) -> None:
    value = f"q{secret}"  # an option of its own would be no value
    option = f"--{name.lower().replace('_', '-')}"
    words = ([option, value], [f"{option}={value}"], [f"{name}={value}"], [f"++model.{name}={value}"])[form]
    kept = redacted_argv(["python", "train.py", *words, "--lr", "0.1"])
    assert not any(value in word for word in kept)
    assert kept[-2:] == ("--lr", "0.1")


@given(SHAPED)
def test_a_secret_with_a_shape_never_stays_on_a_command_line_or_in_a_variable(secret: str) -> None:
    assert secret not in " ".join(redacted_argv(["curl", "-H", f"X-Mine: {secret}", secret, f"--a={secret}"]))
    assert secret not in str(redacted_environment({"MLFLOW_A": secret, "HF_HOME": f"/x/{secret}"}))


@given(NAMED, st.sampled_from(["https", "http", "git+https"]))
def test_an_address_keeps_neither_password_nor_token(secret: str, scheme: str) -> None:
    for user in (f"me:{secret}", secret, f"oauth2:{secret}", f"me:a@{secret}"):
        assert secret not in redacted_url(f"{scheme}://{user}@example.org/a/b.git")
    assert redacted_url(f"postgresql://me:{secret}@db:5432/mlflow") == f"postgresql://me:{REDACTED}@db:5432/mlflow"


@given(_PEM, st.sampled_from(["", "+", " ", "-", "    "]))
def test_no_line_of_a_private_key_stays(key: str, prefix: str) -> None:
    for text in (key, key.rpartition("\n-----END")[0], key.partition("-----\n")[2].rpartition("\n-----END")[0]):
        kept = redacted_text("\n".join(prefix[:1] + line for line in text.split("\n")))
        assert not any(
            line in kept for line in text.split("\n") if len(line) == 64 and not line.isupper() and _is_mixed(line)
        )
    assert key.split("\n")[1] not in redacted_text(json.dumps({"private_key": key}))


def _is_mixed(line: str) -> bool:
    return all(any(map(is_one, line)) for is_one in (str.isupper, str.islower, str.isdigit))


@given(st.text(alphabet=_ALNUM + "-_.", min_size=8, max_size=60))
def test_what_the_environment_calls_secret_goes_wherever_else_it_stands(value: str) -> None:
    value = f"v{value}"
    known = secrets_in({"MY_SERVICE_TOKEN": value, "PATH": "/usr/bin"})
    assert value not in redacted_text(f"connecting with {value}...", known)
    assert value not in " ".join(redacted_argv(["python", "train.py", value], known))


@given(st.text(max_size=400))
def test_redacting_twice_is_redacting_once(text: str) -> None:
    once = redacted_text(text)
    assert redacted_text(once) == once


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Authorization: Basic dXNlcjpwYXNz", f"Authorization: Basic {REDACTED}"),
        ("curl -H 'Authorization: token abc123' x", f"curl -H 'Authorization: token {REDACTED}' x"),
        ("bearer abcdefghijklmnop1234", f"bearer {REDACTED}"),
        ("Server=s;User Id=a;Password=hunter;", f"Server=s;User Id=a;Password={REDACTED}"),
        ("AccountName=a;AccountKey=abc/def+ghi==;EndpointSuffix=b", f"AccountName=a;AccountKey={REDACTED}"),
        ("wandb login 0123456789abcdef0123456789abcdef01234567", f"wandb login {REDACTED}"),
        ("https://hooks.slack.com/services/T0/B0/abcdefgh", f"https://{REDACTED}"),
        (
            "https://a.blob.core.windows.net/c?sv=1&sig=abc%2Fdefgh",
            f"https://a.blob.core.windows.net/c?sv=1&sig={REDACTED}",
        ),
        ('password = (\n+    "hunter"\n)', f'password = (\n+    "{REDACTED}"\n)'),
        ("authorization: abc123", f"authorization: {REDACTED}"),
        ('{"Authorization": "abc123"}', f'{{"Authorization": "{REDACTED}"}}'),
        ("İ API_KEY=abc123", f"İ API_KEY={REDACTED}"),
        ('password="ghp_0123456789012345678901234567890123456!tail"', f'password="{REDACTED}"'),
        ("password: 'it''s", f"password: '{REDACTED}''s"),
        ("curl -s -u me:hunter https://x", f"curl -s -u me:{REDACTED} https://x"),
        ("sh -c 'mysql -h db -phunter x'", f"sh -c 'mysql -h db -p{REDACTED} x'"),
        ("machine x login me password hunter", f"machine x login me password {REDACTED}"),
        ("machine x\n  login me\n  password hunter\n", f"machine x\n  login me\n  password {REDACTED}\n"),
        ("GH_PAT=a1b2c3d4e5f6g7h8", f"GH_PAT={REDACTED}"),
        ('password = "unclosed', f'password = "{REDACTED}'),
    ],
)
def test_other_forms_go_and_what_is_around_them_stays(text: str, kept: str) -> None:
    assert redacted_text(text) == kept


def test_the_value_of_a_secret_option_is_a_word_of_its_own() -> None:
    argv = ("python", "t.py", "--password", "--lr", "3", "--api-key", "X", "wandb", "login", "0" * 40)
    assert redacted_argv(argv) == (
        "python",
        "t.py",
        "--password",
        "--lr",
        "3",
        "--api-key",
        REDACTED,
        "wandb",
        "login",
        REDACTED,
    )


INNOCENT = [
    "commit 3b18e512dba79e4c8300dd08aeb37f8e728b8dad",
    "index 9f4912c..548e263 100644",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "uuid = 123e4567-e89b-12d3-a456-426614174000",
    'tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased-v2")',
    "num_tokens=512, max_tokens=1024, token_dim: int = 768",
    'eos_token="</s>", pad_token = "<pad>", cls_token="[CLS]", mask_token_id=103',
    'next_token = "abc123def456"',
    'special_tokens = {"bos_token": "<|startoftext9|>"}',
    "self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))",
    "sorted(rows, key=lambda row: row[1])",
    "key = jax.random.PRNGKey(0); key, subkey = jax.random.split(key)",
    'state_dict["layers.0.key.weight"] = key_padding_mask',
    'primary_key="model_id_v2", sort_key = "created2024at"',
    "login(token=token, password=password, api_key=args.api_key)",
    'token = os.environ["HF_TOKEN"]',
    "password = getpass.getpass()",
    'parser.add_argument("--api-key", help="The key of the service, see a1")',
    "def connect(user: str, password: str, token: str | None = None) -> None:",
    "secret: bool = False",
    "token: None",
    'body = {"username": username, "password": password}',
    'headers = {"Authorization": f"Bearer {self.api_key}"}; request.headers["Authorization"] = self.header',
    'CLIENT_SECRET = "client_secret"; PASSWORD = "password"',
    'NAMES = {"password", "passphrase1234", "api_key", "aws2access3key4"}',
    'class EncryptedSecret:\n    """How it is kept."""',
    'TOKEN_ENV_VAR = "HF_HUB_TOKEN"; PASSWORD_VARIABLE = "x"; API_KEY = "MLFLOW_API_KEY"',
    "password = (\n    read_it())",
    'for token in ["the", "cat"]: seen[token] = 1',
    'token = "unbelievable"',
    "the secret of its success; a token of thanks; the key to it",
    "password = ${DB_PASSWORD}",
    "api_key: {{ secrets.KEY }}",
    "forward_pass = 3; two_pass=True; bypass = 1",
    "author: Ada; authors = 12; authentic=1",
    "monkey = 'banana123456'; keyboard = 'qwerty12345678'; turkey=1",
    "git@github.com:me/nets.git ssh://git@github.com/me/nets",
    "http://localhost:5000/#/experiments/1/runs/0123456789abcdef0123456789abcdef",
    "optimizer.zero_grad(); loss.backward()  # sk-learn like",
    "torch==2.9.0+cu126 --extra-index-url https://download.pytorch.org/whl/cu126",
    "A" * 200,
    "0123456789abcdef" * 12,
]


@pytest.mark.parametrize("text", INNOCENT)
def test_what_only_looks_like_a_secret_stays_in_code(text: str) -> None:
    assert redacted_text(text, is_code=True) == text


@pytest.mark.parametrize(
    ("argv", "kept"),
    [
        (("curl", "-u", "me:hunter", "https://x"), ("curl", "-u", f"me:{REDACTED}", "https://x")),
        (("/usr/bin/curl", "-ume:hunter"), ("/usr/bin/curl", f"-ume:{REDACTED}")),
        (("wget", "--user=me:hunter"), ("wget", f"--user=me:{REDACTED}")),
        (("curl", "-u", "me", "https://x"), ("curl", "-u", "me", "https://x")),
        (("mysqldump", "-p", "-phunter", "db"), ("mysqldump", "-p", f"-p{REDACTED}", "db")),
        (("python", "t.py", "-u", "a:b", "-pretrained"), ("python", "t.py", "-u", "a:b", "-pretrained")),
    ],
)
def test_passwords_that_a_program_takes_in_a_way_of_its_own(argv: tuple[str, ...], kept: tuple[str, ...]) -> None:
    assert redacted_argv(argv) == kept


def test_an_innocent_command_line_stays() -> None:
    argv = ("python", "train.py", "--max-tokens", "512", "--eos-token", "</s>", "--tokenizer=gpt2", "key=3", "--key", "x",
            "token_dim=64", "--commit", "3b18e512dba79e4c8300dd08aeb37f8e728b8dad")  # fmt: skip
    assert redacted_argv(argv) == argv


@pytest.mark.parametrize(
    "name",
    ["PASSWORD", "db_password", "dbPassword", "HF_TOKEN", "token", "accessToken", "API-KEY", "openai_api_key", "SECRET_KEY_BASE",
     "client.secret", "AWS_SECRET_ACCESS_KEY", "WANDB_API_KEY_2", "sessionCookie", "GITHUB_PASS", "SSH_PRIVATE_KEY", "GH_PAT", "pat", "PASSWORD_SALT", "salt"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "tokens",
        "max_tokens",
        "tokenizer",
        "key",
        "sort_key",
        "public_key",
        "password_file",
        "secret_name",
        "compass",
        "path",
        "patch_size",
        "basalt",
        "pad_token",
        "PATH",
    ],
)
def test_names_of_no_secrets(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "path",
    [".env", "a/.env.local", "prod.env", "server.pem", "deploy.key", "keys/id_rsa", "id_ed25519", ".netrc", "credentials.json",
     ".aws/credentials", ".pypirc", "kubeconfig", ".kube/config", "my-service-account.json", ".ssh/known_hosts", "SECRETS.YAML"],
)  # fmt: skip
def test_files_that_are_left_out_by_their_name(path: str) -> None:
    assert is_secret_file(path)


@pytest.mark.parametrize(
    "path",
    [
        "train.py",
        "secrets.py",
        "tokens.py",
        "id_rsa.pub",
        ".env.example",
        "token_dim.yaml",
        "key.py",
        "environment.yml",
    ],
)
def test_files_that_are_kept(path: str) -> None:
    assert not is_secret_file(path)


def test_a_patch_names_a_secret_file_and_nothing_of_it() -> None:
    sections = b"".join(
        f"diff --git a/{name} b/{name}\nindex 1..2 100644\n--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-A=old{name}\n+A=new{name}\n".encode()
        for name in (".env", "train.py", "my keys/a b.pem")
    )
    patch = tracked_patch([sections[:50], sections[50:]], ())
    assert "newtrain.py" in patch["tracked"]
    assert "old.env" not in str(patch)
    assert patch["left out"] == ".env: may hold secrets\nmy keys/a b.pem: may hold secrets"


HOSTILE = [
    "key" * 300_000, "key " * 200_000, "token=" * 60_000, "://" * 300_000, "a://" * 200_000, "eyJ" * 300_000,
    "-----BEGIN PRIVATE KEY-----\n" * 30_000, "bearer " * 120_000, "sk-" * 300_000, "password:" + " " * 900_000, "A" * 900_000,
    ("A" * 64 + "\n") * 14_000, "wandb login " * 70_000, "authorization:" * 60_000, 'password="' * 90_000, "password: [" * 80_000,
    "password" + "[" * 900_000, "token: str | None" * 50_000, 'secret=\\"' * 90_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_a_hostile_megabyte_is_read_through(text: str) -> None:
    """No expression goes over what it read again and again: quadratic ones would take hours here."""
    assert isinstance(redacted_text(text), str)


def test_a_key_in_base64_goes_by_its_name() -> None:
    secret = base64.b64encode(bytes(range(48))).decode()
    assert secret not in redacted_text(f"AZURE_STORAGE_KEY: {secret}\n")

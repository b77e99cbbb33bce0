"""What is secret by its name: a variable, option or setting, and a file. Pure.

A name is taken apart into words (`HF_TOKEN`, `apiKey`, `db-password`), and its last word decides: so
`max_tokens`, `token_dim`, `tokenizer`, `eos_token`, `sort_key` and `password_file` name no secret.
"""

from __future__ import annotations

import re
from enum import IntEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import PurePosixPath


class Strength(IntEnum):
    """How surely a name holds a secret."""

    none = 0
    weak = 1  # where its value looks like one: `token = "the"` is a word of a text
    strong = 2  # whatever its value


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LONGEST_NAME = 160
# What may follow the word that says it: `password_prod`, `SECRET_KEY_BASE64`.
_TRAILING = frozenset({
    "value", "val", "string", "str", "text", "b", "base", "hex", "raw", "plain", "prod", "production",
    "dev", "development", "staging", "test", "live", "v", "x",
})  # fmt: skip
_STRONG = (
    "password", "passwd", "passphrase", "passcode", "secret", "secrets", "passwords", "authorization", "apikey",
    "apikeys", "secretkey", "accesskey", "privatekey", "accountkey", "authkey", "apitoken", "authtoken",
    "accesstoken",
)  # fmt: skip
_WEAK = frozenset({
    "auth", "bearer", "cookie", "cookies", "credential", "credentials", "creds", "jwt", "pass", "pat", "pwd", "salt",
    "token",
})  # fmt: skip
_KEYS = frozenset({
    "api", "secret", "private", "access", "account", "encryption", "signing", "signature", "ssh", "rsa", "storage",
    "shared", "auth", "deploy", "subscription", "service", "license", "master", "wandb", "openai", "anthropic",
    "hf", "huggingface", "aws", "azure", "gcp", "google", "github", "gitlab", "comet", "neptune", "clearml",
    "langchain", "langsmith", "cohere", "mistral", "groq", "replicate", "kaggle", "pinecone", "sendgrid", "stripe",
    "twilio", "webhook", "client", "session",
})  # fmt: skip
_TOKENS_OF_TEXT = frozenset({
    "bos", "eos", "pad", "unk", "sep", "cls", "mask", "sos", "start", "end", "begin", "stop", "special", "next",
    "prev", "previous", "current", "first", "last", "new", "old", "image", "img", "audio", "video", "patch",
    "class", "register", "prompt", "input", "output", "target", "source", "pooled", "learnable", "max", "min",
    "num", "n", "per", "each", "this", "that", "is", "no", "added", "decoder", "encoder", "forced", "suppress",
    "word", "sub", "char", "byte", "text", "lang", "language", "task", "think", "tool", "user", "assistant",
    "system", "predicted", "sampled", "generated", "speculative", "draft", "accepted",
})  # fmt: skip
_PASSES_OF_NETWORKS = frozenset({
    "forward", "backward", "first", "second", "one", "two", "single", "low", "high", "band", "multi", "by", "both",
})  # fmt: skip


@lru_cache(maxsize=4096)
def strength_of(name: str) -> Strength:
    """How surely what is called `name` is a secret."""
    words = [word.lower() for word in _WORD.findall(name[-_LONGEST_NAME:])]
    while len(words) > 1 and words[-1] in _TRAILING:
        words.pop()
    if not words:
        return Strength.none
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last in _STRONG or last.endswith(("password", "passwd", "passphrase", "apikey")):
        return Strength.strong
    if last == "hash" and before == "password":
        return Strength.strong
    if last == "key" and before in _KEYS:
        return Strength.strong
    if (last == "token" and before in _TOKENS_OF_TEXT) or (last == "pass" and before in {"", *_PASSES_OF_NETWORKS}):
        return Strength.none
    return Strength.weak if last in _WEAK else Strength.none


def is_secret_name(name: str) -> bool:
    """Whether a variable, an option or a setting of this name holds a secret, by its name alone."""
    return strength_of(name) is not Strength.none


_SECRET_FILES = (
    ".env", ".env.*", "*.env", ".envrc", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx",
    "*.ppk", "*.asc", "*.gpg", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", "_netrc", ".pgpass",
    ".my.cnf", ".htpasswd", ".pypirc", ".npmrc", ".yarnrc.yml", ".dockercfg", ".dockerconfigjson",
    ".git-credentials", ".boto", ".s3cfg", ".vault-token", "*.tfstate", "*.tfstate.*", "*.tfvars", "kaggle.json",
    "rclone.conf", "kubeconfig", "*.kubeconfig", "kubeconfig.*", "credentials", "credentials.json",
    "credentials.y*ml", "credentials.toml", "credentials.ini", "credentials.csv", "*_credentials.json",
    "*-credentials.json", "client_secret*.json", "*service_account*.json", "*service-account*.json", "secrets.json",
    "secrets.y*ml", "secrets.toml", "secrets.ini", "secrets.env", "secrets.txt", "secret.json", "secret.y*ml",
    "secret.toml", "secret.txt", "token", "token.json", "token.txt", "token.pickle", "*.token", "*_token.txt",
    "*_key.txt", "api_key", "api_keys.*", "password", "password.txt", "passwords.*", ".secret", ".secrets",
    "cookies.txt",
)  # fmt: skip
_SECRET_FOLDERS = frozenset(
    {".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".secrets", "gcloud", ".password-store"}
)
_PUBLIC_ENDINGS = (".pub", ".example", ".sample", ".template", ".dist")


def is_secret_file(path: str) -> bool:
    """Whether a file of this path is left out by its name alone: `.env`, `deploy.pem`, `.aws/config`."""
    lowered = PurePosixPath(path.replace("\\", "/").lower())
    if any(part in _SECRET_FOLDERS for part in lowered.parts[:-1]):
        return True
    name = lowered.name
    return not name.endswith(_PUBLIC_ENDINGS) and any(fnmatchcase(name, pattern) for pattern in _SECRET_FILES)

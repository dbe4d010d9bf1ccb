"""A small AWS KMS: the real JSON protocol of Encrypt and Decrypt, spoken to by the real client library.

A ciphertext opens only with the encryption context and the key that it was made with, as there.
"""

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import FastAPI, Request, Response

from tests.serving import running_plain

CONTENT_TYPE = "application/x-amz-json-1.1"
ACCOUNT = "arn:aws:kms:eu-central-1:111122223333"


@dataclass
class Kms:
    """The service: its keys, what it was asked, and whether it is out of order."""

    url: str = ""
    keys: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    failing: str | None = None

    def make_key(self) -> str:
        """Make a key; returns its id."""
        name = secrets.token_hex(8)
        self.keys[name] = AESGCM.generate_key(256)
        return name


class _Fault(Exception):
    def __init__(self, code: str, status: int = 400) -> None:
        self.code = code
        self.status = status


@contextmanager
def serving_kms() -> Generator[Kms]:
    """Run the service on loopback until the block ends."""
    kms, app = Kms(), FastAPI(openapi_url=None)

    @app.post("/")
    async def call(request: Request) -> Response:
        target = request.headers["x-amz-target"]
        assert request.headers["authorization"].startswith("AWS4-HMAC-SHA256 ")
        try:
            body = json.loads(await request.body())
            kms.asked.append((target, body["EncryptionContext"]))
            answer = _answer(kms, target, body)
        except _Fault as fault:
            said = {"__type": fault.code, "message": "as the service says it"}
            return Response(json.dumps(said), fault.status, media_type=CONTENT_TYPE)
        return Response(json.dumps(answer), media_type=CONTENT_TYPE)

    with running_plain(app) as url:
        kms.url = url
        yield kms


def _answer(kms: Kms, target: str, body: dict) -> dict[str, str]:
    if kms.failing is not None:
        raise _Fault(kms.failing, 500 if kms.failing.startswith("KMSInternal") else 400)
    name = body["KeyId"].removeprefix(f"{ACCOUNT}:key/")
    if name not in kms.keys:
        raise _Fault("NotFoundException")
    cipher, context = AESGCM(kms.keys[name]), json.dumps(body["EncryptionContext"], sort_keys=True).encode()
    arn = f"{ACCOUNT}:key/{name}"
    if target == "TrentService.Encrypt":
        nonce = secrets.token_bytes(12)
        blob = name.encode() + nonce + cipher.encrypt(nonce, b64decode(body["Plaintext"]), context)
        return {"CiphertextBlob": b64encode(blob).decode(), "KeyId": arn, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    assert target == "TrentService.Decrypt", target
    blob = b64decode(body["CiphertextBlob"])
    if blob[: len(name)] != name.encode():
        raise _Fault("IncorrectKeyException")
    blob = blob[len(name) :]
    try:
        plain = cipher.decrypt(blob[:12], blob[12:], context)
    except (InvalidTag, ValueError):
        raise _Fault("InvalidCiphertextException") from None
    return {"Plaintext": b64encode(plain).decode(), "KeyId": arn, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}

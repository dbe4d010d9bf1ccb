"""Hashing and checking passwords with Argon2id: in threads, few at a time, as long for nobody's account."""

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash

from omc.kit.secret import Secret

MAX_AT_ONCE = 2
"""Each takes 64 MB and a core for some 50 ms."""

_hasher = PasswordHash.recommended()
_pool = ThreadPoolExecutor(MAX_AT_ONCE, thread_name_prefix="argon2")


async def hash_password(password: Secret) -> str:
    """Return what is stored of a new password."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _hasher.hash, password.reveal())


async def password_matches(password: Secret, stored: str | None) -> bool:
    """Tell whether `password` is the stored one; with nothing stored, take the same time to say no."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _matches, password.reveal(), stored)


def _matches(password: str, stored: str | None) -> bool:
    decoy = _decoy()
    return _hasher.verify(password, stored or decoy) and stored is not None


@functools.cache
def _decoy() -> str:
    return _hasher.hash("nobody's password")

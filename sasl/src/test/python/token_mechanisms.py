# SPDX-License-Identifier: Apache-2.0
"""The token mechanisms, written once more from their formulas.

Reads one task a line: its name and its inputs in hexadecimal, parted by blanks, "-" for none.
Answers one line each, the results in hexadecimal.
"""
import base64
import hashlib
import hmac
import sys

NUL = b"\0"


def mac(hash_name, key, data):
    return hmac.new(key, data, hash_name).digest()


def sha256_mac(key, data):
    return mac("sha256", key, data)


def xor(one, other):
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def lp(octets):
    return len(octets).to_bytes(4, "big") + octets


def ht(hash_name, authcid, token, binding):
    """draft-schmaus-kitten-sasl-ht-09: both messages."""
    hash_name = hash_name.decode()
    return [
        authcid + NUL + mac(hash_name, token, b"Initiator" + binding),
        mac(hash_name, token, b"Responder" + binding),
    ]


def client_key(header, authcid, client_id, secret, validation_key, counter, binding):
    """draft-cridland-kitten-clientkey-00: what is stored, and both messages."""

    def signed(label):
        text = label + NUL + authcid + NUL + client_id + NUL + counter
        if binding is not None:
            text += NUL + binding
        return base64.b64encode(sha256_mac(secret, text))

    encrypted_secret = xor(secret, validation_key)
    return [
        encrypted_secret,
        sha256_mac(encrypted_secret, validation_key),
        NUL.join(
            [
                header,
                authcid,
                client_id,
                signed(b"Client Response"),
                base64.b64encode(validation_key),
            ]
        ),
        signed(b"Server Response"),
    ]


def client_key_link(server_key, domain, jid, client_id, validation_key):
    """What ties a registration to a code."""
    what = hashlib.sha256(lp(client_id) + lp(validation_key)).digest()
    return [sha256_mac(server_key, lp(b"LK-KEY 1") + lp(domain) + lp(jid) + lp(what))]


def x_token(user, token):
    """auth-tokens 0.0.1: the message, and what is stored."""
    return [NUL + user + NUL + token, hashlib.sha256(token).digest()]


TASKS = {
    "ht": ht,
    "ht-message": lambda *inputs: ht(*inputs)[:1],
    "client-key": client_key,
    "client-key-link": client_key_link,
    "x-token": x_token,
}

for line in sys.stdin:
    name, *inputs = line.split(" ")
    inputs = [None if text.strip() == "-" else bytes.fromhex(text) for text in inputs]
    print(" ".join(octets.hex() for octets in TASKS[name](*inputs)))

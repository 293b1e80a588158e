"""The attestation: what it says of a run, and that nobody can change a byte of it."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from securesystemslib.signer import CryptoSigner

from reports.attestation import PAYLOAD_TYPE, result, seal, statement, unseal
from reports.errors import EvidenceError, KeyFileError
from reports.evidence import Evidence, PlainTestRecord
from reports.keys import load_public_key, load_signer, new_key_pair
from tests.reports.folders import KEY, SIGNER, whole
from tests.reports.samples import confirmed, failed_gate, proven, run, target, undetermined

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PAYLOAD = {"a": 1}


def said(evidence: Evidence, files: dict[str, bytes] | None = None) -> Any:
    return statement(evidence, files or {"evidence.json": evidence.to_bytes()})


def warned(evidence: Evidence, check: str, outcome: str = "warned") -> Evidence:
    rows = tuple(
        item.model_copy(update={"outcome": outcome}) if item.check == check else item for item in evidence.results
    )
    return evidence.model_copy(update={"results": rows})


def ready() -> Evidence:
    targets = [item.model_copy(update={"outcome": "ready", "receipt": None, "proof": ()}) for item in proven().targets]
    rows = tuple(row for row in proven().results if row.phase == "pre")
    update = {
        "targets": tuple(targets),
        "results": rows,
        "verdict": "ready",
        "run": run(mode="observe"),
        "coverage": {},
    }
    return proven().model_copy(update=update)


def sealed() -> Evidence:
    targets = tuple(item.model_copy(update={"outcome": "sealed", "witness": "guest"}) for item in proven().targets)
    return proven().model_copy(update={"targets": targets, "verdict": "sealed"})


def waived() -> Evidence:
    evidence = failed_gate()
    rows = tuple(row for row in evidence.results if row.target == "debian")
    return evidence.model_copy(update={"targets": evidence.targets[:1], "results": rows, "verdict": "proven"})


class TestTheWord:
    @pytest.mark.parametrize(
        ("evidence", "word"),
        [
            (proven(), "PASSED"),
            (warned(proven(), "LNX-ADE-001"), "WARNED"),
            (warned(proven(), "LNX-ADE-001", "undetermined"), "WARNED"),
            (waived(), "WARNED"),
            (sealed(), "WARNED"),
            (ready(), "FAILED"),
            (warned(proven(), "LNX-SHADOW-001", "undetermined"), "FAILED"),
            (undetermined(), "FAILED"),
            (failed_gate(), "FAILED"),
            (confirmed(), "FAILED"),
            (proven().model_copy(update={"run": run(ended=None)}), "FAILED"),
            (proven().model_copy(update={"targets": (), "results": ()}), "FAILED"),
            (whole(proven()).model_copy(update={"planned": ("LNX-GONE-001",)}), "FAILED"),
        ],
        ids=[
            *("proven", "a warning", "a warning that nobody could tell", "waived", "sealed", "ready"),
            *("a blocker that nobody could tell", "undetermined", "failed", "one of three failed", "killed", "nothing"),
            "incomplete",
        ],
    )
    def test_of_a_run(self, evidence: Evidence, word: str) -> None:
        assert result(evidence) == word
        assert said(evidence)["predicate"]["result"] == word


class TestTheStatement:
    def test_is_an_in_toto_statement_with_a_test_result(self) -> None:
        statement = said(proven())
        assert statement["_type"] == "https://in-toto.io/Statement/v1"
        assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
        assert statement["predicate"].keys() == {
            *("result", "configuration", "passedTests", "warnedTests", "failedTests")
        }

    def test_is_about_the_identity_of_vm_and_disk(self) -> None:
        subject = said(proven())["subject"][0]
        record = subject["annotations"]["identity"]
        assert subject["digest"]["sha256"] == hashlib.sha256(rfc8785.dumps(record)).hexdigest()
        assert (record["vm_id"], record["id"]) == (proven().targets[0].vm_id, proven().targets[0].id)

    def test_a_lab_s_subject_is_never_azure_s(self) -> None:
        azure = proven().model_copy(update={"run": run(lab=False)})
        lab, real = said(proven())["subject"][0], said(azure)["subject"][0]
        assert (lab["name"], real["name"]) == (f"lab:{target('debian').id}", target("debian").id)
        assert lab["digest"] != real["digest"]

    def test_names_what_passed_warned_and_failed_and_not_what_does_not_apply(self) -> None:
        plain = (
            PlainTestRecord(test="t.py::a", target=None, outcome="passed"),
            PlainTestRecord(test="t.py::b", target="debian", outcome="skipped"),
        )
        predicate = said(failed_gate().model_copy(update={"tests": plain}))["predicate"]
        assert "AZ-LOCK-001@debian" in predicate["warnedTests"], "waived"
        assert predicate["failedTests"] == ["WIN-DISK-001@server", "WIN-STATE-001@server", "t.py::b@debian"]
        assert "t.py::a@*" in predicate["passedTests"]
        assert not [name for kind in predicate.values() for name in kind if name == "LNX-AGENT-001@server"]

    def test_a_row_of_no_target_failed(self) -> None:
        stray = warned(proven(), "LNX-ADE-001").model_copy(update={"targets": proven().targets[1:]})
        assert "LNX-ADE-001@debian" in said(stray)["predicate"]["failedTests"]

    def test_pins_what_the_run_was_told_and_every_file(self) -> None:
        told = run(digests={"catalogue": "c" * 64, "waivers": "d" * 64}, commits={"waivers": "e" * 40})
        evidence = proven().model_copy(update={"run": told})
        pinned = {item["name"]: item for item in said(evidence, {"a": b"x", "b/c": b""})["predicate"]["configuration"]}
        assert list(pinned) == ["input:catalogue", "input:waivers", "file:a", "file:b/c"]
        assert pinned["input:waivers"]["annotations"] == {"commit": "e" * 40}
        assert pinned["file:a"]["digest"]["sha256"] == hashlib.sha256(b"x").hexdigest()


class TestTheEnvelope:
    def test_gives_back_the_bytes_that_were_signed(self) -> None:
        assert unseal(seal(PAYLOAD, SIGNER), KEY) == b'{"a":1}'

    def test_no_byte_of_it_can_be_changed_put_in_or_left_out(self) -> None:
        data = seal(PAYLOAD, SIGNER)
        changed = [
            data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :] for at in range(len(data)) for bit in (0, 5)
        ]
        changed += [data[:at] + data[at + 1 :] for at in range(len(data))]
        changed += [data[:at] + b" " + data[at:] for at in range(len(data))]
        changed += [data[:-1], data + b"\n", b"\xef\xbb\xbf" + data, data.replace(b"\n", b"\r\n"), b"", b"[]", b"{}"]
        assert [item for item in changed if accepted(item)] == []

    @pytest.mark.parametrize(
        "change",
        [
            lambda body: body | {"payloadType": "application/json"},
            lambda body: body | {"extra": 1},
            lambda body: body | {"signatures": []},
            lambda body: body | {"signatures": body["signatures"] * 2},
            lambda body: body | {"signatures": [body["signatures"][0] | {"extra": 1}]},
            lambda body: body | {"signatures": [{"sig": body["signatures"][0]["sig"]}]},
            lambda body: body | {"signatures": [body["signatures"][0] | {"keyid": "0" * 64}]},
            lambda body: body | {"signatures": [body["signatures"][0] | {"keyid": 1}]},
            lambda body: body | {"payload": body["payload"].rstrip("=")},
            lambda body: body | {"payload": base64.urlsafe_b64encode(b'{"a":"\xff?"}').decode()},
            lambda body: body | {"payload": body["payload"][:-2] + "R="},
            lambda body: {key.upper(): value for key, value in body.items()},
        ],
    )
    def test_no_other_way_to_write_it_is_taken(self, change: Any) -> None:
        body = json.loads(seal(PAYLOAD, SIGNER))
        data = (json.dumps(change(body), indent=2, sort_keys=True) + "\n").encode()
        assert not accepted(data)

    def test_a_key_that_stands_there_twice_is_not_taken(self) -> None:
        data = seal(PAYLOAD, SIGNER)
        assert not accepted(data.replace(b"{\n", b'{\n  "payload": "e30=",\n', 1))

    def test_the_mirror_image_of_a_signature_is_not_taken(self) -> None:
        body = json.loads(seal(PAYLOAD, SIGNER))
        r, s = decode_dss_signature(base64.b64decode(body["signatures"][0]["sig"]))
        mirrored = base64.b64encode(encode_dss_signature(r, ORDER - s)).decode()
        body["signatures"][0]["sig"] = mirrored
        with pytest.raises(EvidenceError, match="mirror image"):
            unseal((json.dumps(body, indent=2, sort_keys=True) + "\n").encode(), KEY)

    def test_another_key_is_not_taken_even_under_this_one_s_name(self) -> None:
        other = CryptoSigner.generate_ecdsa()
        data = seal(PAYLOAD, other)
        with pytest.raises(EvidenceError, match="signed by another key"):
            unseal(data, KEY)
        renamed = data.replace(other.public_key.keyid.encode(), KEY.keyid.encode())
        with pytest.raises(EvidenceError, match="does not fit"):
            unseal(renamed, KEY)


def accepted(data: bytes) -> bool:
    try:
        unseal(data, KEY)
    except EvidenceError:
        return False
    return True


class TestKeys:
    def test_a_pair_signs_and_verifies(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        private, public = new_key_pair()
        (tmp_path / "key.pem").write_bytes(private)
        (tmp_path / "pub.pem").write_bytes(public)
        monkeypatch.setenv("SEALPROOF_TEST_KEY", private.decode())
        for place in (str(tmp_path / "key.pem"), "env:SEALPROOF_TEST_KEY"):
            assert unseal(seal(PAYLOAD, load_signer(place)), load_public_key(tmp_path / "pub.pem")) == b'{"a":1}'

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            ("genpkey -algorithm ED25519", "no key on the curve P-256"),
            ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384", "no key on the curve P-256"),
            ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:x", "the key is encrypted"),
            ("version", "no private key in PEM form"),
        ],
    )
    def test_another_kind_of_key_is_refused(self, tmp_path: Path, openssl: Any, words: str, told: str) -> None:
        (tmp_path / "key.pem").write_text(openssl(words))
        with pytest.raises(KeyFileError, match=told):
            load_signer(str(tmp_path / "key.pem"))

    def test_another_kind_of_public_key_is_refused(self, tmp_path: Path, openssl: Any) -> None:
        (tmp_path / "key.pem").write_text(openssl("genpkey -algorithm ED25519"))
        (tmp_path / "pub.pem").write_text(openssl(f"pkey -in {tmp_path}/key.pem -pubout"))
        for name, told in (("pub.pem", "no key on the curve"), ("key.pem", "no public key"), ("none", "can't be read")):
            with pytest.raises(KeyFileError, match=told):
                load_public_key(tmp_path / name)

    def test_a_key_in_the_place_of_its_place_is_not_repeated(self) -> None:
        private, _ = new_key_pair()
        with pytest.raises(KeyFileError, match="a key was given where its place belongs") as raised:
            load_signer(private.decode())
        assert private.decode().splitlines()[1] not in str(raised.value)

    def test_a_variable_that_is_not_set_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SEALPROOF_TEST_KEY", raising=False)
        with pytest.raises(KeyFileError, match="SEALPROOF_TEST_KEY is not set"):
            load_signer("env:SEALPROOF_TEST_KEY")

    def test_the_type_of_the_payload_is_in_toto_s(self) -> None:
        assert json.loads(seal(PAYLOAD, SIGNER))["payloadType"] == PAYLOAD_TYPE == "application/vnd.in-toto+json"

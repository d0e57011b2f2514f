"""The registry from Python, with the client that openapi-python-client makes.

python scenario.py URL FOLDER      FOLDER holds the keys of the demo's clients
"""

import json
import sys
import time
import uuid
from datetime import date
from pathlib import Path

import jwt
from registry import AuthenticatedClient, Client
from registry.api.certificates import push_certificates, step_certificate
from registry.api.certification_bodies import push_certificate
from registry.api.products import list_products
from registry.api.tokens import issue_token
from registry.api.verification import verify
from registry.models import (
    BatchReport,
    CertificateInput,
    CertificateStep,
    CertificateTransition,
    CertifiedUnitInput,
    PartyInput,
    Problem,
    ProductPage,
    PushCertificatesMode,
    ReportedStatusInput,
    SchemeInput,
    SteppedCertificate,
    TokenAnswer,
    TokenRequest,
    Verdict,
    Verdicts,
    Verification,
    VerificationQuestion,
)

url, folder = sys.argv[1], Path(sys.argv[2])
anybody = Client(base_url=url, headers={"Accept-Language": "en"})


def get_token() -> str:
    """A token by private_key_jwt: the client signs who it is with its own key, once for each token."""
    name = "certification-body"
    who = json.loads((folder / "clients.json").read_text())[name]
    # `aud` is the issuer, exactly as /.well-known/oauth-authorization-server names it.
    claims = {"iss": who, "sub": who, "aud": url, "jti": str(uuid.uuid4()), "exp": int(time.time()) + 60}
    request = TokenRequest(
        grant_type="client_credentials",
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion=jwt.encode(claims, (folder / f"{name}.pem").read_text(), algorithm="ES256"),
    )
    answer = issue_token.sync(client=anybody, body=request)
    assert isinstance(answer, TokenAnswer), answer
    return answer.access_token


# Reads of what is public need no token. Search in Chinese:
page = list_products.sync(client=anybody, q="内平开")
assert isinstance(page, ProductPage) and page.items

# Read all pages: `next` is the cursor of the next one, and absent (falsy) on the last.
page = list_products.sync(client=anybody, limit=1)
assert isinstance(page, ProductPage)
found = page.items
while page.page.next_:
    page = list_products.sync(client=anybody, limit=1, cursor=page.page.next_)
    assert isinstance(page, ProductPage)
    found += page.items
assert len(found) >= 2

# From here on as a certification body.
client = AuthenticatedClient(base_url=url, token=get_token(), headers={"Accept-Language": "en"})

# Push a certificate. The client encodes the number, whatever it holds.
BODY, NUMBER = "CNCA-R-2006-148", "SDK/〔2026〕python-client-1"


def record(**more) -> CertificateInput:
    """A certificate as its body records it."""
    fields = {
        "scheme": SchemeInput.STAR_CERTIFICATION,
        "kind": "gbm-09",
        "star": 3,
        "holder": PartyInput(name="大庆示例门窗有限公司"),
        "product_name": "内平开塑料窗",
        "units": [CertifiedUnitInput(name="65系列内平开窗", models=["65系列"])],
        "issued_on": date(2026, 1, 5),
        "valid_until": date(2031, 1, 4),
        "reported_status": ReportedStatusInput("01"),
    }
    return CertificateInput(**{**fields, **more})


pushed = push_certificate.sync_detailed(BODY, NUMBER, client=client, body=record())
assert isinstance(pushed.parsed, SteppedCertificate), pushed
assert pushed.parsed.number == NUMBER
assert pushed.headers["Content-Location"]


def verdict() -> Verdict:
    """The verdict on the certificate, today."""
    question = VerificationQuestion(certificate_number=NUMBER, certification_body=BODY)
    answer = verify.sync(client=client, body=Verification(items=[question]))
    assert isinstance(answer, Verdicts), answer
    return answer.verdicts[0]


assert verdict().eligibility == "eligible"

# A batch: each line has its own outcome, and one that is refused says why.
batch = push_certificates.sync(
    BODY,
    client=client,
    body=[
        record(number="SDK/〔2026〕python-client-2"),
        record(number="SDK/〔2026〕python-client-3", valid_until=date(2020, 1, 1)),
    ],
    mode=PushCertificatesMode.EACH,
    idempotency_key=str(uuid.uuid4()),
)
assert isinstance(batch, BatchReport), batch
assert (batch.created, batch.refused) == (1, 1)
assert batch.outcomes[1].errors[0].source.pointer == "/valid_until"

# Take a step: the certificate is suspended from today, and the verdict follows.
suspend = CertificateTransition(step=CertificateStep.SUSPEND, reason="0203")
step = step_certificate.sync(pushed.parsed.id, client=client, body=suspend, idempotency_key=str(uuid.uuid4()))
assert isinstance(step, SteppedCertificate) and step.reported_status == "02", step
suspended = verdict()
assert suspended.eligibility == "not_eligible"
assert suspended.reasons[0].code == "certificate_suspended"

# A record that is not right is answered by a problem (RFC 9457): know it by its type, and the field by its source.
wrong = record(holder=PartyInput(name="大庆示例门窗有限公司", uscc="91230607716675409X"))
problem = push_certificate.sync(BODY, "SDK/〔2026〕python-client-4", client=client, body=wrong)
assert isinstance(problem, Problem), problem
assert problem.type_.endswith("/problems/invalid")
assert [it.source.pointer for it in problem.errors] == ["/holder/uscc"]

# A value that this client does not know, of a registry newer than it, is a text like any other.
newer = json.dumps(suspended.to_dict()).replace("certificate_suspended", "certificate_mislaid")
assert Verdict.from_dict(json.loads(newer)).reasons[0].code == "certificate_mislaid"

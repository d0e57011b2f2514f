"""The registry from Python, with the client that openapi-generator makes.

python scenario.py URL FOLDER      FOLDER holds the keys of the demo's clients
"""

import json
import sys
import time
import uuid
from datetime import date
from pathlib import Path

import jwt
import registry
from registry.exceptions import UnprocessableEntityException

url, folder = sys.argv[1], Path(sys.argv[2])
client = registry.ApiClient(registry.Configuration(host=url))
client.set_default_header("Accept-Language", "en")
certificates = registry.CertificatesApi(client)
bodies = registry.CertificationBodiesApi(client)
products = registry.ProductsApi(client)


def get_token() -> str:
    """A token by private_key_jwt: the client signs who it is with its own key, once for each token."""
    name = "certification-body"
    who = json.loads((folder / "clients.json").read_text())[name]
    # `aud` is the issuer, exactly as /.well-known/oauth-authorization-server names it.
    claims = {"iss": who, "sub": who, "aud": url, "jti": str(uuid.uuid4()), "exp": int(time.time()) + 60}
    answer = registry.TokensApi(client).issue_token(
        grant_type="client_credentials",
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion=jwt.encode(claims, (folder / f"{name}.pem").read_text(), algorithm="ES256"),
    )
    return answer.access_token


# Reads of what is public need no token. Search in Chinese:
assert products.list_products(q="内平开").items

# Read all pages: `next` is the cursor of the next one, and absent on the last.
found, page = [], products.list_products(limit=1)
found += page.items
while page.page.next:
    page = products.list_products(limit=1, cursor=page.page.next)
    found += page.items
assert len(found) >= 2

# From here on as a certification body.
client.configuration.access_token = get_token()

# Push a certificate. The client encodes the number, whatever it holds.
body, number = "CNCA-R-2006-148", "SDK/〔2026〕generator-python-1"
record = {
    "scheme": "star_certification",
    "kind": "gbm-09",
    "star": 3,
    "holder": {"name": "大庆示例门窗有限公司"},
    "product_name": "内平开塑料窗",
    "units": [{"name": "65系列内平开窗", "models": ["65系列"]}],
    "issued_on": date(2026, 1, 5),
    "valid_until": date(2031, 1, 4),
    "reported_status": "01",
}
pushed = bodies.push_certificate_with_http_info(body, number, registry.CertificateInput.from_dict(record))
assert pushed.data.number == number
assert pushed.headers["content-location"]


def verify() -> registry.Verdict:
    """The verdict on the certificate, today."""
    question = registry.VerificationQuestion(certificate_number=number, certification_body=body)
    return registry.VerificationApi(client).verify(registry.Verification(items=[question])).verdicts[0]


assert verify().eligibility == "eligible"

# A batch: each line has its own outcome, and one that is refused says why.
lines = [
    {**record, "number": "SDK/〔2026〕generator-python-2"},
    {**record, "number": "SDK/〔2026〕generator-python-3", "valid_until": date(2020, 1, 1)},
]
batch = certificates.push_certificates(
    body,
    certificate_input=[registry.CertificateInput.from_dict(line) for line in lines],
    mode="each",
    idempotency_key=str(uuid.uuid4()),
)
assert (batch.created, batch.refused) == (1, 1)
assert batch.outcomes[1].errors[0].source.pointer == "/valid_until"

# Take a step: the certificate is suspended from today, and the verdict follows.
suspend = registry.CertificateTransition(step="suspend", reason="0203")
step = certificates.step_certificate(
    pushed.data.id, certificate_transition=suspend, idempotency_key=str(uuid.uuid4())
)
assert step.reported_status == "02"
suspended = verify()
assert suspended.eligibility == "not_eligible"
assert suspended.reasons[0].code == "certificate_suspended"

# A record that is not right is answered by a problem (RFC 9457): know it by its type, and the field by its source.
try:
    wrong = {**record, "holder": {"name": "大庆示例门窗有限公司", "uscc": "91230607716675409X"}}
    bodies.push_certificate(
        body, "SDK/〔2026〕generator-python-4", registry.CertificateInput.from_dict(wrong)
    )
    raise AssertionError("it was taken")
except UnprocessableEntityException as refused:
    problem: registry.Problem = refused.data
assert problem.type.endswith("/problems/invalid")
assert [it.source.pointer for it in problem.errors] == ["/holder/uscc"]

# A value that this client does not know, of a registry newer than it, is a text like any other.
newer = suspended.to_json().replace("certificate_suspended", "certificate_mislaid")
assert registry.Verdict.from_json(newer).reasons[0].code == "certificate_mislaid"

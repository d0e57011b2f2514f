"""What schemathesis has to know of the registry beside the document: https://schemathesis.readthedocs.io.

Some data that is in form breaks a rule that no schema can say, and `null` is taken for absent. Both are argued here,
by name; anything else that is refused or taken against the document is a failure.
"""

import schemathesis
from schemathesis.specs.openapi.checks import missing_required_header, negative_data_rejection

# Problems that a request can have though each of its fields is in form.
PROBLEMS = {
    "bad-cursor": "a cursor is one that the registry gave out",
    "idempotency-key-required": "a dry run does without, so that no schema requires the key",
    "idempotency-key-reused": "the key stands for another request",
    "precondition-failed": "the record is another one",
}

# Rules that look at several fields, at the registry, or at characters that no pattern can name.
RULES = {
    "body-name-mismatch": "the name is not that of the approval number",
    "certificate-number-form": "a number of brackets alone",
    "cma-not-valid": "a day on which the laboratory was not approved",
    "code-unknown": "the code is in no list",
    "date-form": "days of records lie from 1980 to 2100",
    "date-order": "two days are in the wrong order",
    "differs-from-body": "the body's own record says otherwise",
    "duplicate": "the record is there already",
    "gtin-check-digit": "a check digit",
    "holder-differs": "the certificate is another firm's",
    "id-form": "an identifier holds a UUID in one spelling",
    "instant-form": "a day that no month has",
    "invisible-character": "characters that nobody can see",
    "key-form": "a key that is none",
    "kind-unknown": "the kind is in no catalogue",
    "malformed-json": "a line of JSON Lines is JSON",
    "not-a-name": "a name that is no name",
    "not-allowed": "a field that belongs to another step or scheme",
    "nul-character": "control characters",
    "organisation-code-form": "a check character",
    "organisation-code-mismatch": "two codes of one firm differ",
    "out-of-range": "past the head of the ledger, or in the future",
    "read-only": "a member that the registry gives is another one",
    "report-number-form": "a number of brackets alone",
    "required": "a field that a step or a scheme needs",
    "scope-not-permitted": "a scope that no role of the organisation has",
    "standard-number-form": "a number of no body that issues standards",
    "star-not-allowed": "a scheme without stars",
    "star-required": "a scheme needs a star",
    "text-form": "a text of blanks",
    "too-short": "a text or a key of blanks",
    "unknown-reference": "a record that there is not",
    "unreadable-character": "characters that nobody can read",
    "uscc-check-digit": "a check digit",
    "uscc-citizen-number": "a citizen's number",
    "uscc-form": "a code of zeros",
}


@schemathesis.serializer("application/jsonl", "application/x-ndjson")
def lines(context, value):
    return value.encode() if isinstance(value, str) else bytes(str(value), "utf-8")


def has_null(value):
    if isinstance(value, dict):
        return any(has_null(it) for it in value.values())
    if isinstance(value, list):
        return any(has_null(it) for it in value)
    return value is None


def needs_no_key(case):
    """A dry run does without the key that a write requires."""
    return str((case.query or {}).get("validate_only")).lower() == "true" and "Idempotency-Key" not in (case.headers or {})


@schemathesis.check
def what_is_out_of_form_is_refused(context, response, case):
    if not has_null(case.body) and not needs_no_key(case):
        return negative_data_rejection(context, response, case)


@schemathesis.check
def a_required_header_is_required_but_of_a_dry_run(context, response, case):
    if not needs_no_key(case):
        return missing_required_header(context, response, case)


@schemathesis.check
def what_is_in_form_is_refused_for_a_reason_that_is_argued(context, response, case):
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code not in (400, 412, 422, 428):
        return
    if case.path == "/oauth/token":  # Needs an assertion that a client has signed.
        return
    problem = response.json()
    slug = problem["type"].rsplit("/", 1)[-1]
    rules = {error["rule"] for error in problem.get("errors", [])}
    argued = slug in PROBLEMS or (rules and rules <= RULES.keys())
    assert argued, f"in form, and refused: {slug} {sorted(rules - RULES.keys())}"

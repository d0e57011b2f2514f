"""Fuzzes a demo as nobody or as one of its clients: python fuzz.py URL WHO SECONDS."""

import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

GRANT = {
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
}


def post(address, form=None):
    data = urllib.parse.urlencode(form or {}).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data, method="POST")) as answer:
        return json.load(answer)


def main(url, who, seconds):
    command = [
        str(Path(sys.executable).parent / "st"), "run", f"{url}/openapi.json",
        "--checks=all", "--exclude-checks=positive_data_acceptance,negative_data_rejection,missing_required_header",
        "--phases=examples,coverage,fuzzing", "--mode=all", "--workers=1", f"--max-time={seconds}",
        "--continue-on-failure", "--suppress-health-check=all", "--no-color", "--generation-database=none",
    ]
    if who != "nobody":
        signed = post(f"{url}/docs/demo/assertions/{who}")
        token = post(f"{url}/oauth/token", {**GRANT, "client_assertion": signed["client_assertion"]})
        command += ["--header", f"Authorization: Bearer {token['access_token']}"]
    hooks = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(Path(__file__).parent)}
    sys.exit(subprocess.run(command, env=hooks).returncode)


main(*sys.argv[1:])

"""Whether openapi.yaml says the same to readers of YAML 1.1, which most generators are, as the JSON that is served.

python document.py openapi.yaml URL
"""

import json
import sys
import urllib.request

import yaml

file, url = sys.argv[1:]
with open(file, encoding="utf-8") as text:
    read = yaml.safe_load(text)
with urllib.request.urlopen(f"{url}/openapi.json") as answer:
    served = json.load(answer)


def differences(left, right, path=""):
    """Where the two differ: bare words such as `on`, days and numbers are read as something else than text."""
    if type(left) is not type(right):
        yield f"{path}: {left!r} is not {right!r}"
    elif isinstance(left, dict):
        for key in sorted(left.keys() | right.keys(), key=str):
            yield from differences(left.get(key), right.get(key), f"{path}/{key}")
    elif isinstance(left, list) and len(left) == len(right):
        for at, (one, other) in enumerate(zip(left, right)):
            yield from differences(one, other, f"{path}/{at}")
    elif left != right:
        yield f"{path}: {left!r} is not {right!r}"


found = list(differences(read, served))
if found:
    sys.exit("\n".join(found[:20]))

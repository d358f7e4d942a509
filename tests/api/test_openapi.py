"""The OpenAPI document tells the truth: what it lists exists, what exists it lists."""

import json

import pytest

from sekisho.config.api import openapi_document, patterns

ISSUED = """
GET,POST /projects
GET,PATCH /projects/{code}
GET /projects/{code}/gates
GET /gates/{gate_id}
PUT /gates/{gate_id}/answers/{criterion}
POST /gates/{gate_id}/submit
POST /gates/{gate_id}/reviews
POST /findings/{finding_id}/reply
POST /findings/{finding_id}/resolve
POST /gates/{gate_id}/decision
POST /gates/{gate_id}/waivers
POST /conditions/{condition_id}/resolve
POST /projects/{code}/phases/{phase}/enter
GET,POST /projects/{code}/releases
POST /releases/{release_id}/publish
GET /projects/{code}/ledger
GET /standards
GET /standards/{pack}/{version}
"""


@pytest.mark.parametrize("line", ISSUED.strip().splitlines())
def test_it_lists_each_promised_operation(line):
    methods, path = line.split()
    listed = openapi_document()["paths"][f"/api/v1{path}"]
    assert {method.lower() for method in methods.split(",")} <= set(listed)


def test_every_address_is_listed():
    listed = len(openapi_document()["paths"])
    served = {str(entry.pattern) for entry in patterns()}
    assert len(served) == listed + 1  # the document itself


def test_every_operation_says_what_it_does_and_how_it_refuses():
    document = openapi_document()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], (method, path)
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            assert operation["security"], (method, path)
    json.dumps(document)


def test_every_reference_leads_somewhere():
    document = openapi_document()
    text = json.dumps(document)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(document["components"]["schemas"])

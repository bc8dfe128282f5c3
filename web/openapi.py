"""/openapi.json, generated from the route table, the wire rows and the registry's slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from core.engine.registry import Door, Registry
from web.routes import Parameter, Route
from web.wire import Amount, Time

AMOUNT = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "description": "a decimal as text"}
TIME = {"type": "string", "format": "date-time"}
SIMPLE: Mapping[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "hint"],
            "properties": {name: {"type": "string"} for name in ("code", "message", "hint")},
        }
    },
}


def describe_api(routes: tuple[Route, ...], registry: Registry, version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of what this process serves."""
    writer = _Writer()
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.path == "/api/v1/do/{intent}":
            continue
        paths.setdefault(route.path, {})[route.method.lower()] = writer.operation(route)
    for intent, entry in sorted(registry.entries.items()):
        if Door.WEB in entry.doors:
            body = writer.pydantic(entry.slots)
            paths[f"/api/v1/do/{intent}"] = {"post": writer.command(intent, entry.summary, body)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Zyn", "version": version, "description": "What the owner's pages are made of."},
        "paths": paths,
        "components": {
            "schemas": {**writer.schemas, "Error": ERROR},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "zyn_session"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
            },
        },
        "security": [{"session": []}],
    }


class _Writer:
    """Collects component schemas while it writes operations."""

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {}

    def operation(self, route: Route) -> dict[str, Any]:
        made: dict[str, Any] = {
            "operationId": f"{route.method.lower()}_{route.name}",
            "summary": route.summary,
            "parameters": [_parameter(one) for one in route.parameters],
            "responses": {"200": self._success(route), **_failures()},
        }
        if route.method == "POST":
            made["security"] = [{"session": [], "csrf": []}]
            made["requestBody"] = _json({"type": "object", "properties": _texts(route.body)})
        return made

    def command(self, intent: str, summary: str, body: dict[str, Any]) -> dict[str, Any]:
        return {
            "operationId": f"do_{intent}",
            "summary": summary,
            "security": [{"session": [], "csrf": []}],
            "requestBody": _json(body),
            "responses": {
                "200": {"description": "done, answered or proposed", **_json(self._envelope({}, False))},
                **_failures(),
            },
        }

    def pydantic(self, slots: Any) -> dict[str, Any]:
        made: dict[str, Any] = slots.model_json_schema(ref_template="#/components/schemas/{model}")
        self.schemas.update(made.pop("$defs", {}))
        return made

    def schema(self, hint: Any) -> dict[str, Any]:
        if hint is Amount:
            return AMOUNT
        if hint is Time:
            return TIME
        if isinstance(hint, NewType):
            return self.schema(hint.__supertype__)
        if hint in SIMPLE:
            return SIMPLE[hint]
        if isinstance(hint, type) and is_dataclass(hint):
            return self._row(hint)
        return self._compound(hint)

    def _compound(self, hint: Any) -> dict[str, Any]:
        origin, inside = get_origin(hint), get_args(hint)
        if origin in (Union, UnionType):
            return {"anyOf": [self.schema(one) for one in inside]}
        if origin is tuple:
            return {"type": "array", "items": self.schema(inside[0])}
        return {"type": "object"}

    def _row(self, row: type) -> dict[str, Any]:
        name = row.__name__.removesuffix("Out")
        if name not in self.schemas:
            self.schemas[name] = {}
            hints = get_type_hints(row)
            properties = {key.rstrip("_"): self.schema(hint) for key, hint in hints.items()}
            self.schemas[name] = {
                "type": "object", "required": list(properties), "properties": properties
            }  # fmt: skip
        return {"$ref": f"#/components/schemas/{name}"}

    def _success(self, route: Route) -> dict[str, Any]:
        data = self.schema(route.row) if route.row else {}
        if route.many:
            data = {"type": "array", "items": data}
        return {"description": route.summary, **_json(self._envelope(data, route.many))}

    def _envelope(self, data: dict[str, Any], many: bool) -> dict[str, Any]:
        properties: dict[str, Any] = {
            "as_of": TIME,
            "source": {"enum": ["kraken", "paper", "store"]},
            "mode": {"enum": ["demo", "paper", "validate", "live"]},
            "data": data,
        }
        if many:
            properties["next"] = {"type": ["string", "null"], "description": "give it back as `before`"}
        return {"type": "object", "required": ["as_of", "source", "mode", "data"], "properties": properties}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _texts(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: {"type": "string"} for name in names}


def _failures() -> dict[str, Any]:
    error = _json({"$ref": "#/components/schemas/Error"})
    words = {
        "400": "not understood", "401": "signed out", "403": "not allowed", "404": "not known",
        "409": "refused", "429": "too often", "503": "the exchange does not answer",
    }  # fmt: skip
    return {code: {"description": word, **error} for code, word in words.items()}


def _parameter(one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": one.place,
        "required": one.required,
        "description": one.meaning,
        "schema": dict(one.schema),
    }

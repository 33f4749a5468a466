"""Payload models, one module a shape. They stay in this room: contracts travel, payloads do not."""

"""Somebody else's reading of the Bot API: aiogram's generated models, and python-telegram-bot's.

Every test of the bot ends with `check`: what our bot called, and what the stand-in answered and
told it, must be as documented. Unknown names are refused everywhere, although the models themselves
let them pass.

aiogram builds all its models when it is imported, which takes four seconds; here a model is built
when it is first asked.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, Optional, Union, get_args
from unittest.mock import patch

import telegram
from pydantic import BaseModel, TypeAdapter, ValidationError

from tests.telegram.snapshot import File
from tests.telegram.standin import Call, StandIn

with patch.object(BaseModel, "model_rebuild", classmethod(lambda _model, **_: None)):
    from aiogram import methods, types
    from aiogram.client.default import Default
    from aiogram.types import BufferedInputFile, Update
    from aiogram.types.base import TelegramObject

METHODS = {
    model.__api_method__: model
    for model in (getattr(methods, name) for name in methods.__all__)
    if hasattr(model, "__api_method__")
}
# Required by Bot API 10.3 and aiogram; python-telegram-bot 22.8 does not know it yet.
NEWER = {"can_send_welcome_messages"}
# What the fields' types are written with: aiogram/types/__init__.py builds every model from these.
_NAMES = {
    "List": list,
    "Optional": Optional,
    "Union": Union,
    "Literal": Literal,
    "Default": Default,
    **{name: getattr(types, name) for name in types.__all__},
}


class Wrong(Exception):
    """Not as the Bot API has it."""


def check(telegram: StandIn) -> None:
    """Everything that was said in both directions.

    Raises:
        Wrong: something is not as documented.
    """
    for call in telegram.calls:
        check_call(call)
        check_answer(call)
    for update in telegram.updates:
        check_update(update)


def check_call(call: Call) -> None:
    """Is this call as the documentation describes it, down to each name?

    Raises:
        Wrong: it is not; the detail is where.
    """
    model = METHODS.get(call.method)
    if model is None:
        raise Wrong(f"{call.method}: no such method")
    if unknown := set(call.parameters) - documented(model):
        raise Wrong(f"{call.method}: {sorted(unknown)} are unknown or deprecated")
    values = {name: _uploaded(value) for name, value in call.parameters.items()}
    _check(_built(model).model_validate, values, call.method)


def documented(model: type[BaseModel]) -> set[str]:
    """The parameters of a method without those that are deprecated."""
    return {
        name
        for name, field in model.model_fields.items()
        if not (isinstance(extra := field.json_schema_extra, dict) and "deprecated" in extra)
    }


def check_answer(call: Call) -> None:
    """Is the result what the documentation promises? A refused call has none.

    Raises:
        Wrong: it is not.
    """
    if call.error is None:
        _check(_result(call.method).validate_python, call.answer, f"answer to {call.method}")


@cache
def _result(method: str) -> TypeAdapter[Any]:
    """What reads the result of a method."""
    returned = METHODS[method].__returning__
    _build_all(returned)
    return TypeAdapter(returned)


@cache
def _built(model: type[BaseModel]) -> type[BaseModel]:
    """The model, which can read from now on."""
    model.model_rebuild(_types_namespace=_NAMES)
    return model


def _build_all(kind: Any) -> None:
    """Every model that a type names."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        _built(kind)
    for part in get_args(kind):
        _build_all(part)


def check_update(update: dict[str, Any]) -> None:
    """Is this an update, for aiogram and for python-telegram-bot?

    Raises:
        Wrong: it is not.
    """
    if len(update) != 2:
        raise Wrong("an update says one thing")
    _check(_built(Update).model_validate, update, "update")
    parsed = telegram.Update.de_json(update, None)
    unread = {name for part in _parts(parsed) for name in part.api_kwargs} - NEWER
    if unread:
        raise Wrong(f"update: python-telegram-bot does not know {sorted(unread)}")


def _uploaded(value: Any) -> Any:
    return BufferedInputFile(value.content, value.name) if isinstance(value, File) else value


def _check(validate: Any, value: Any, what: str) -> None:
    try:
        model = validate(value)
    except ValidationError as error:
        raise Wrong(f"{what}: {error}") from None
    for part in _models(model):
        if part.model_extra:
            raise Wrong(f"{what}: {type(part).__name__} has no {sorted(part.model_extra)}")


def _models(value: Any) -> Iterator[BaseModel]:
    """Every object within."""
    if isinstance(value, BaseModel):
        if isinstance(value, TelegramObject):
            yield value
        for name in value.model_fields_set:
            yield from _models(getattr(value, name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _models(item)


def _parts(value: Any) -> Iterator[telegram.TelegramObject]:
    """The same for python-telegram-bot."""
    if isinstance(value, telegram.TelegramObject):
        yield value
        slots = {name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())}
        for name in slots - {"_bot", "_id_attrs", "api_kwargs"}:
            yield from _parts(getattr(value, name, None))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _parts(item)

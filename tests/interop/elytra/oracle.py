"""What a user of the Python package gets, as a model of its own: written from the list of what that package promises and from CloudEvents
1.0.2, not from our C++. It answers one question: given these headers and this body, which status, and which event?

Behaviours, as the list states them
- Authentication comes first: a request that is not proven is 401 whatever its body is.
- Basic: scheme name in any case, base64 of `user:password` (its padding may be left out), split at the first colon. Bearer: scheme name in any case. API key: a header.
  Header names in any case. A header that occurs twice proves nothing.
- The body is one CloudEvent as JSON: `specversion` is "1.0"; `id`, `source`, `type` are non-empty strings; an attribute that is null is not
  there, and its name is one all the same; `datacontenttype` is "application/json" where there is none; `data` is any JSON value.
- `eventtype`: the extension, else what stands in `type` behind "com.elytra."; any string is one. `operation`: the extension.
- Object id and type: `data.objectId` / `data.objectType`, else `data.objectData.objectId` / `.id` and `.objectType` / `.type`, a string or an
  integer; anything else is none.
- What is malformed is 400.
"""

import base64
import binascii
import datetime
import json
import re
from typing import Annotated, Any, Optional

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError, field_validator, model_validator

TYPE_PREFIX = "com.elytra."
NAME = re.compile(r"[a-z0-9]+\Z")
FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef]|[" + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF)) + "]")
RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z")
URI_CHARACTERS = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+\Z")
MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`{|}~0-9A-Za-z-]+/[!#$%&'*+.^_`{|}~0-9A-Za-z-]+\Z")  # RFC 2045; the generator writes no parameters
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

Text = Annotated[StrictStr, Field(min_length=1)]


class CloudEvent(BaseModel):
    model_config = ConfigDict(extra="allow")

    specversion: StrictStr
    id: Text
    source: Text
    type: Text
    datacontenttype: Optional[Text] = None
    dataschema: Optional[Text] = None
    subject: Optional[Text] = None
    time: Optional[Text] = None
    data: Any = None

    @model_validator(mode="before")
    @classmethod
    def null_is_not_there(cls, members):
        if not isinstance(members, dict):
            raise ValueError("not an object")
        if "data" in members and members.get("data_base64") is not None:
            raise ValueError("data and data_base64")
        for name in members:
            if name != "data_base64" and not NAME.match(name):
                raise ValueError(f"{name}: not a name")
        return {name: value for name, value in members.items() if value is not None or name == "data"}

    @model_validator(mode="after")
    def extensions_are_well_formed(self):
        for name, value in (self.model_extra or {}).items():
            if name == "data_base64":
                continue
            if isinstance(value, bool) or (isinstance(value, int) and -2**31 <= value < 2**31):
                continue
            if not isinstance(value, str):
                raise ValueError(f"{name}: not a value that an extension may have")
            well_formed(value)
        return self

    @field_validator("specversion")
    @classmethod
    def is_1_0(cls, value):
        if value != "1.0":
            raise ValueError("specversion")
        return value

    @field_validator("id", "type", "subject")
    @classmethod
    def is_text(cls, value):
        return well_formed(value)

    @field_validator("source")
    @classmethod
    def is_reference(cls, value):
        first_segment = re.split("[/?#]", value)[0]
        if not URI_CHARACTERS.match(value) or (":" in first_segment and not SCHEME.match(value)):
            raise ValueError("source")
        return value

    @field_validator("dataschema")
    @classmethod
    def is_absolute(cls, value):
        if not URI_CHARACTERS.match(value) or not SCHEME.match(value):
            raise ValueError("dataschema")
        return value

    @field_validator("datacontenttype")
    @classmethod
    def is_media_type(cls, value):
        if not MEDIA_TYPE.match(value):
            raise ValueError("datacontenttype")
        return value

    @field_validator("time")
    @classmethod
    def is_time(cls, value):
        match = RFC3339.match(value)
        if not match:
            raise ValueError("time")
        year, month, day, hour, minute, second = (int(match[n]) for n in range(1, 7))
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        if not 1 <= month <= 12 or not 1 <= day <= DAYS[month - 1] or (month == 2 and day == 29 and not leap):
            raise ValueError("time")
        if hour > 23 or minute > 59 or second > 60:
            raise ValueError("time")
        offset = datetime.timedelta(0)
        if match[8] not in "Zz":
            if int(match[8][1:3]) > 23 or int(match[8][4:6]) > 59:
                raise ValueError("time")
            offset = datetime.timedelta(hours=int(match[8][:3]), minutes=int(match[8][0] + match[8][4:6]))
        if second == 60 and not ends_a_month(datetime.datetime(year, month, day, hour, minute, 59) - offset):
            raise ValueError("time")
        return value

    def get_event_type(self):
        extension = (self.model_extra or {}).get("eventtype")
        if isinstance(extension, str):
            return extension
        return self.type.removeprefix(TYPE_PREFIX) if self.type.startswith(TYPE_PREFIX) and self.type != TYPE_PREFIX else None

    def get_operation(self):
        extension = (self.model_extra or {}).get("operation")
        return extension if isinstance(extension, str) else None

    def get_object_data(self):
        return self.data.get("objectData") if isinstance(self.data, dict) else None

    def get_object_id(self):
        return self._first(("objectId",), ("objectData", "objectId"), ("objectData", "id"))

    def get_object_type(self):
        return self._first(("objectType",), ("objectData", "objectType"), ("objectData", "type"))

    def _first(self, *paths):
        for path in paths:
            value = self.data
            for name in path:
                value = value.get(name) if isinstance(value, dict) else None
            if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
                return str(value)
        return None


def ends_a_month(utc):
    """Whether a leap second may follow (RFC 3339 5.7)."""
    return (utc.hour, utc.minute) == (23, 59) and (utc + datetime.timedelta(seconds=1)).month != utc.month


def well_formed(text):
    if FORBIDDEN.search(text):
        raise ValueError("a character that no attribute may hold")
    return text


def only_value(headers, name):
    """The value of a header that occurs once."""
    values = [value for header, value in headers if header.lower() == name.lower()]
    return values[0] if len(values) == 1 else None


def is_proven(auth, headers):
    if auth["type"] == "apikey":
        return only_value(headers, auth["header_name"]) == auth["api_key"]
    scheme, _, credential = (only_value(headers, "Authorization") or "").partition(" ")
    if scheme.lower() != auth["type"]:
        return False
    if auth["type"] == "bearer":
        return credential == auth["token"]
    try:
        user, colon, password = base64.b64decode(credential + "=" * (-len(credential) % 4 if "=" not in credential else 0), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return bool(colon) and (user, password) == (auth["username"], auth["password"])


def refuse_constant(name):
    raise ValueError(name)


def unique(pairs):
    """A member that stands there twice is refused at the top; deeper the first counts."""
    members = {}
    for name, value in pairs:
        members.setdefault(name, value)
    return members


def answer(auth, headers, body):
    """{"status": ...} and, where it is 200, what the accessors give."""
    if not is_proven(auth, headers):
        return {"status": 401}
    try:
        event = CloudEvent.model_validate(json.loads(body.decode(), parse_constant=refuse_constant, object_pairs_hook=unique))
    except (ValidationError, ValueError, RecursionError):
        return {"status": 400}
    return {"status": 200, "id": event.id, "source": event.source, "type": event.type, "subject": event.subject,
            "dataschema": event.dataschema, "datacontenttype": event.datacontenttype or "application/json",
            "event_type": event.get_event_type(), "operation": event.get_operation(), "object_data": event.get_object_data(),
            "object_id": event.get_object_id(), "object_type": event.get_object_type()}

"""Sends what the official Python libraries make: the counterpart of send.mjs, with the same arguments and output."""

import base64
import datetime
import json
import sys

import requests
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks.webhooks import Webhook

BASE, SECRETS = sys.argv[1], json.loads(sys.argv[2])


def post(sender, path, headers, body, altered=False, events=1):
    body = body.encode() if isinstance(body, str) else bytes(body or b"")
    response = requests.post(BASE + path, data=body, headers=headers, timeout=30)
    print(json.dumps({"sender": sender, "path": path, "headers": headers, "body_base64": base64.b64encode(body).decode(),
                      "altered": altered, "events": events, "status": response.status_code, "answer": response.json()}))


def cloud_events():
    common = {"source": "https://example.com/shop", "type": "com.example.order", "subject": "order 42 é", "partitionkey": "customer-7"}
    yield CloudEvent({**common, "id": "py-1", "datacontenttype": "application/json"}, {"hello": "wörld", "n": 1.5, "list": [1, None, True]})
    yield CloudEvent({**common, "id": "py-2", "datacontenttype": "text/plain"}, "plain text €")
    yield CloudEvent({**common, "id": "py-3", "datacontenttype": "application/octet-stream"}, b"\x00\xff\x01\xfe")
    yield CloudEvent({**common, "id": "py-4", "comexampleextension": "Euro € 😀 %", "time": datetime.datetime.now(datetime.timezone.utc)},
                     None)


def send_cloud_events():
    structured = []
    for event in cloud_events():
        for mode, encode in (("binary", to_binary_event), ("structured", to_structured_event)):
            message = encode(event)
            post(f"cloudevents.py {mode}", "/events", dict(message.headers), message.body)
        structured.append(bytes(message.body))
    batch = b"[" + b" , ".join(structured) + b"]"
    post("cloudevents.py batch", "/events", {"content-type": "application/cloudevents-batch+json"}, batch, events=len(structured))
    post("cloudevents.py empty batch", "/events", {"content-type": "application/cloudevents-batch+json"}, b"[]", events=0)


def send_standard_webhooks():
    now = datetime.datetime.now(datetime.timezone.utc)
    payload = '{"test": 2432232314, "text": "€"}'
    headers = {"content-type": "application/json", "webhook-id": "msg_py", "webhook-timestamp": str(int(now.timestamp())),
               "webhook-signature": Webhook(SECRETS["standard"]).sign("msg_py", now, payload)}
    post("standardwebhooks.py", "/standard", headers, payload)
    post("standardwebhooks.py", "/standard", headers, payload.replace("2432232314", "2432232315"), altered=True)
    old = now - datetime.timedelta(minutes=10)
    headers["webhook-timestamp"] = str(int(old.timestamp()))
    headers["webhook-signature"] = Webhook(SECRETS["standard"]).sign("msg_py", old, payload)
    post("standardwebhooks.py too old", "/standard", headers, payload, altered=True)


send_cloud_events()
send_standard_webhooks()

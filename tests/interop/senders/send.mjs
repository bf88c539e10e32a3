// Sends what the official JavaScript libraries make, each message also with one bit of it altered, and prints a JSON line for each:
// {sender, path, headers, body_base64, altered, events, status, answer}. Usage: node send.mjs BASE_URL SECRETS_JSON
import { createRequire } from "node:module";

const require = createRequire(process.env.TENTER_NODE_ENV + "/");
const { CloudEvent, HTTP } = require("cloudevents");
const { Webhook } = require("standardwebhooks");
const [base, secretsText] = process.argv.slice(2);
const secrets = JSON.parse(secretsText);

async function post(sender, path, headers, body, { altered = false, events = 1 } = {}) {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body, "utf8");
    const response = await fetch(base + path, { method: "POST", headers, body: bytes });
    const answer = await response.json();
    console.log(JSON.stringify({ sender, path, headers, body_base64: bytes.toString("base64"), altered, events, status: response.status, answer }));
}

const common = { source: "https://example.com/shop", type: "com.example.order", subject: "order 42", partitionkey: "customer-7" };
const events = [
    new CloudEvent({ ...common, id: "js-1", data: { hello: "wörld", n: 1.5, list: [1, null, true] } }),
    new CloudEvent({ ...common, id: "js-2", datacontenttype: "text/plain", data: "plain text €" }),
    new CloudEvent({ ...common, id: "js-3", datacontenttype: "application/octet-stream", data: new Uint8Array([0, 255, 1, 254]) }),
    new CloudEvent({ ...common, id: "js-4", dataschema: "https://example.com/schema", comexampleextension: "an extension" }),
];
// This SDK puts header values on the wire as they are, without percent-encoding, so these letters can only travel in structured mode.
const beyondAscii = new CloudEvent({ ...common, id: "js-5", subject: "order 42 é", comexampleextension: "Euro € 😀 %" });

for (const event of events) {
    for (const [mode, encode] of [["binary", HTTP.binary], ["structured", HTTP.structured]]) {
        const message = encode(event);
        await post(`cloudevents.js ${mode}`, "/events", message.headers, message.body ?? "");
    }
}
const structured = HTTP.structured(beyondAscii);
await post("cloudevents.js structured", "/events", structured.headers, structured.body);
const batch = JSON.stringify(events.map((event) => event.toJSON()));
await post("cloudevents.js batch", "/events", { "content-type": "application/cloudevents-batch+json" }, batch, { events: events.length });

const webhook = new Webhook(secrets.standard);
const signedAt = new Date();
const payload = '{"test": 2432232314, "text": "€"}';
const headers = {
    "content-type": "application/json",
    "webhook-id": "msg_js",
    "webhook-timestamp": String(Math.floor(signedAt.getTime() / 1000)),
    "webhook-signature": webhook.sign("msg_js", signedAt, payload),
};
await post("standardwebhooks.js", "/standard", headers, payload);
await post("standardwebhooks.js", "/standard", headers, payload.replace("2432232314", "2432232315"), { altered: true });
await post("standardwebhooks.js", "/standard", { ...headers, "webhook-id": "msg_jt" }, payload, { altered: true });

const { sign } = await import(require.resolve("@octokit/webhooks-methods"));
const push = JSON.stringify({ ref: "refs/heads/main", repository: { full_name: "octocat/hello" }, note: "naïve 😀" });
const github = { "content-type": "application/json", "x-github-event": "push", "x-hub-signature-256": await sign(secrets.github, push) };
await post("@octokit/webhooks-methods", "/github", github, push);
await post("@octokit/webhooks-methods", "/github", github, push.replace("main", "mein"), { altered: true });

"""What was sent and what was answered, held against what the log shows.

    senders --> Ledger: every attempt, its events' fingerprints, the answer      Checker <-- events, in the order in which the log has them

The promise under test: an acknowledged event is in the log exactly once, unaltered, and the events of one sender stand in the order in which
it sent them. An event without an answer may be there or not, but not twice, not altered, and of a batch all or none.
"""

import hashlib
from dataclasses import dataclass, field


def fingerprint(target, content_type, key, body):
    """Of all that the sender chose: `key` is the ordering key or None, `body` bytes."""
    digest = hashlib.sha256()
    for part in (target.encode(), content_type.encode(), b"" if key is None else b"key " + key.encode()):
        digest.update(b"%d:%s" % (len(part), part))
    digest.update(body)
    return digest.digest()


@dataclass(slots=True)
class Attempt:
    """One request: one event, or those of a batch."""

    source: str
    sender: int
    number: int  # rises with each request of the sender
    fingerprints: list
    tenter_ids: list | None = None  # from the answer; None while there is none

    @property
    def acknowledged(self):
        return self.tenter_ids is not None


class Ledger:
    """Attempts by (sender, number). Each sender adds its own; a dict's single operations are atomic, so that no lock is needed."""

    def __init__(self):
        self.attempts = {}

    def add(self, attempt):
        self.attempts[attempt.sender, attempt.number] = attempt
        return attempt

    def acknowledged_events(self):
        return sum(len(attempt.fingerprints) for attempt in self.attempts.values() if attempt.acknowledged)


@dataclass(slots=True)
class StoredEvent:
    """One event as `tenter tail` shows it. Its name is what the sender called it: sender, number of the request, place in the request."""

    source: str
    partition: int
    offset: int
    tenter_id: str
    name: tuple
    fingerprint: bytes


@dataclass
class Findings:
    """Sentences about what is wrong, by kind."""

    lost: list = field(default_factory=list)
    altered: list = field(default_factory=list)
    duplicated: list = field(default_factory=list)
    reordered: list = field(default_factory=list)

    def __bool__(self):
        return any(vars(self).values())

    def counts(self):
        return ", ".join(f"{len(sentences)} {kind.replace('_', ' ')}" for kind, sentences in vars(self).items())

    def examples(self, limit=10):
        for kind, sentences in vars(self).items():
            for sentence in sentences[:limit]:
                yield f"{kind}: {sentence}"
            if len(sentences) > limit:
                yield f"{kind}: and {len(sentences) - limit} more"


@dataclass(frozen=True)
class Promises:
    """What a log promises of events that were not acknowledged, and of its offsets. The default is the embedded log's."""

    dense_offsets: bool = True  # no offset is left out
    whole_batches: bool = True  # of a batch without an answer all events are there, or none
    late_events: bool = False  # an event without an answer may stand behind later ones of its sender


def was_sent(event, attempt):
    return attempt is not None and 0 <= event.name[2] < len(attempt.fingerprints)


def content_fault(event, attempt):
    """What is wrong with an event, beside where it stands; None if nothing is."""
    if not was_sent(event, attempt):
        return f"event {event.name} was never sent"
    if event.source != attempt.source:
        return f"event {event.name} was sent to {attempt.source}"
    if event.fingerprint != attempt.fingerprints[event.name[2]]:
        return f"event {event.name} is not what was sent"
    if attempt.acknowledged and attempt.tenter_ids[event.name[2]] != event.tenter_id:
        return f"event {event.name} was acknowledged under another id than {event.tenter_id}"
    return None


class Checker:
    """Walks over the events of each partition in order, once; may be fed in parts, as the log grows."""

    def __init__(self, ledger, shown_before=None, promises=Promises()):
        self.ledger = ledger
        self._promises = promises
        self.findings = Findings()
        self.places = {}  # name -> (source, partition, offset)
        self.next_offsets = {}  # (source, partition) -> the offset that must come next
        self._last_of_sender = {}  # (source, partition, sender) -> the name seen last
        self._shown_before = shown_before or {}
        self._settled = 0  # attempts, in order of their adding, for which all is said

    def see(self, event):
        partition = event.source, event.partition
        expected = self.next_offsets.get(partition, 0)
        place = f"{event.source}/{event.partition} offset {event.offset}"
        if event.offset < expected or self._promises.dense_offsets and event.offset > expected:
            kind = self.findings.lost if event.offset > expected else self.findings.duplicated
            kind.append(f"{place}: expected offset {expected}")
        self.next_offsets[partition] = event.offset + 1
        attempt = self.ledger.attempts.get(event.name[:2])
        if fault := content_fault(event, attempt):
            self.findings.altered.append(f"{place}: {fault}")
        if not was_sent(event, attempt):
            return
        if event.name in self.places:
            self.findings.duplicated.append(f"{place}: event {event.name} is also at {self.places[event.name]}")
            return
        self.places[event.name] = (event.source, event.partition, event.offset)
        if attempt.acknowledged or not self._promises.late_events:
            self._check_order(event, place)

    def _check_order(self, event, place):
        key = event.source, event.partition, event.name[0]
        last = self._last_of_sender.get(key)
        if last is not None and last > event.name:
            self.findings.reordered.append(f"{place}: event {event.name} stands behind {last} of the same sender")
        self._last_of_sender[key] = event.name

    def settle(self):
        """To be called when everything that is in the log was seen and no request is under way: looks for what is missing."""
        attempts = list(self.ledger.attempts.values())
        for attempt in attempts[self._settled:]:
            names = [(attempt.sender, attempt.number, index) for index in range(len(attempt.fingerprints))]
            missing = [name for name in names if name not in self.places]
            if attempt.acknowledged:
                self.findings.lost += [f"event {name}, acknowledged as {attempt.tenter_ids[name[2]]}, is not in {attempt.source}"
                                       for name in missing]
            elif self._promises.whole_batches and missing and len(missing) < len(names):
                self.findings.lost.append(f"a batch without an answer, {names[0][:2]}, is there in part: {missing} are missing")
        self._settled = len(attempts)
        for name, place in self._shown_before.items():
            if self.places.get(name) != place:
                self.findings.lost.append(f"event {name} was shown to a reader at {place} before, and is now at {self.places.get(name)}")
        return self.findings

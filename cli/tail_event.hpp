#pragma once
// cli/tail_event.hpp: a stored event as `tenter tail` shows it: for people, or one JSON object a line for programs.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/log/record_batch.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/clock.hpp"

namespace tenter::cli {

/// A record, whichever log it comes from. Views, and a function that finds the record's header of a name.
struct RecordView {
    std::string_view source;  ///< Or topic.
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    UnixMillis time;
    std::optional<BytesView> key;
    std::optional<BytesView> value;
    std::function<std::optional<BytesView>(std::string_view name)> header;
};

/// Of the embedded log. The record outlives the view.
[[nodiscard]] RecordView view_of(const log::StoredRecord& record, std::string_view source, std::int32_t partition);

/// One event, taken out of its record and envelope; or a record that cannot be read, with the reason.
struct TailEvent {
    std::string id;
    std::string source;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    UnixMillis time;
    std::optional<std::string> key;
    /// Why the record, or the payload inside, is not what it should be. It is shown all the same: no tail ends at such a record.
    std::optional<std::string> error;
    std::optional<Bytes> unread;  ///< The record's value, where `error` is of the envelope. All that follows is empty then.

    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;  ///< Lower-case names; those of one name stand together.
    std::string verified;
    std::string body;                      ///< As it arrived; of an envelope that no Tenter wrote, its JSON text or CBOR item.
    std::optional<std::string> body_json;  ///< Where the body is CBOR: its value as JSON.
    bool has_envelope = false;             ///< False where `error` is of the envelope.
};

[[nodiscard]] TailEvent read_event(const RecordView& record);

/// `{"id","source","partition","offset","time","method","target","headers":{"name":["value",...]},"verified","key","body"}` and a line
/// feed. `body` is the exact text, or `body_base64` stands in its place where it is not UTF-8; so with `key`, which is null where there is
/// none. Of a CBOR body `body_json` is the value. At the end `error` where something is wrong; a record without a
/// readable envelope has `value` instead of all that would be in it.
[[nodiscard]] std::string to_json_line(const TailEvent& event);

/// Several lines for a terminal: a head line, the headers that matter, the body as indented JSON, text or a hex dump. Control characters of
/// the sender never reach the terminal.
[[nodiscard]] std::string to_pretty_text(const TailEvent& event, bool colour);

/// `{"name":["value",...]}`
void append_headers_json(std::string& out, const std::vector<std::pair<std::string, std::string>>& headers);

}  // namespace tenter::cli

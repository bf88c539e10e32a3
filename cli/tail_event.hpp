#pragma once
// cli/tail_event.hpp: a stored event as `tenter tail` shows it: for people, or one JSON object a line for programs.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/log/record_batch.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"

namespace tenter::cli {

/// One event, taken out of its record and envelope.
struct TailEvent {
    std::string id;
    std::string source;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    UnixMillis time;
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;  ///< Lower-case names; those of one name stand together.
    std::string verified;
    std::optional<std::string> key;
    std::string body;  ///< As it arrived.
};

/// Errors name source, partition and offset: `invalid_input` for a record that no gateway wrote.
[[nodiscard]] Result<TailEvent> read_event(const log::StoredRecord& record, std::string_view source, std::int32_t partition);

/// `{"id","source","partition","offset","time","method","target","headers":{"name":["value",...]},"verified","key","body"}` and a line
/// feed. `body` is the exact text, or `body_base64` stands in its place where it is not UTF-8; so with `key`, which is null where there is
/// none.
[[nodiscard]] std::string to_json_line(const TailEvent& event);

/// Several lines for a terminal: a head line, the headers that matter, the body as indented JSON, text or a hex dump. Control characters of
/// the sender never reach the terminal.
[[nodiscard]] std::string to_pretty_text(const TailEvent& event, bool colour);

}  // namespace tenter::cli

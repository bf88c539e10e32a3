#pragma once
// src/event/json_event_reader.hpp: reads one event of the JSON format, for a summary or as a whole: the one implementation of its rules.

#include <functional>
#include <optional>

#include "src/event/attribute_rules.hpp"
#include "src/event/json_reader.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"
#include "tenter/event/event_check.hpp"

namespace tenter::event {

struct CloudEvent;

/// Reads the members of one event, the reader standing before its '{'. Used once.
class JsonEventReader {
public:
    /// With `whole` every attribute and the data go there and the summary stays empty.
    JsonEventReader(JsonReader& reader, BytesView text, CloudEvent* whole = nullptr)
        : reader_(reader), text_(text), whole_(whole), attributes_(whole) {}

    Result<EventSummary> read();

private:
    bool member(const JsonString& name);
    bool attribute(const std::string& name, std::size_t at);
    bool typed_attribute(const std::string& name, JsonKind kind, std::size_t at);
    bool data(std::size_t at);
    bool base64(std::size_t at);
    Result<void> finish_data();
    bool once(bool& seen, std::string_view name, std::size_t at);
    bool taken(Result<void> result, std::size_t at) { return result ? true : stop(std::move(result.error()), at); }
    bool stop(Error error, std::size_t at);

    JsonReader& reader_;
    BytesView text_;
    CloudEvent* whole_;
    AttributeCollector attributes_;
    std::optional<Error> fault_;
    BytesView data_;                         ///< The raw value.
    std::optional<JsonString> data_string_;  ///< The same, if it is a string.
    std::size_t data_at_ = 0;
    bool has_data_ = false;
    bool seen_base64_ = false;
    bool has_base64_ = false;
};

/// One event that is the whole text; see `JsonEventReader` for `whole`.
[[nodiscard]] Result<EventSummary> read_json_event(BytesView text, CloudEvent* whole);
/// An array of events that is the whole text: `element` reads one. Its error is put behind "event N".
[[nodiscard]] Result<void> read_json_batch(BytesView text, const std::function<Result<void>(JsonReader&)>& element);

}  // namespace tenter::event

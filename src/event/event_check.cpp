#include "tenter/event/event_check.hpp"

#include "src/event/http_event_reader.hpp"
#include "src/event/json_event_reader.hpp"

namespace tenter::event {
Result<EventSummary> check_json_event(BytesView body) { return read_json_event(body, nullptr); }

Result<std::vector<BatchElement>> check_json_batch(BytesView body) {
    std::vector<BatchElement> elements;
    auto read = read_json_batch(body, [&](JsonReader& reader) -> Result<void> {
        const std::size_t start = reader.at();
        auto summary = JsonEventReader(reader, body).read();
        if (!summary) return fail(std::move(summary.error()));
        elements.push_back({body.substr(start, reader.at() - start), std::move(*summary)});
        return {};
    });
    if (!read) return fail(std::move(read.error()));
    return elements;
}

Result<EventSummary> check_binary_event(HeaderViews headers, BytesView body) {
    static_cast<void>(body);  // data of any kind
    AttributeCollector attributes;
    return read_binary_attributes(headers, attributes);
}

}  // namespace tenter::event

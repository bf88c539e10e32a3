#include "src/event/json_event_reader.hpp"

#include "tenter/base/encoding.hpp"
#include "tenter/event/cloud_event.hpp"

namespace tenter::event {
namespace {

std::unexpected<Error> not_utf8() { return fail(Errc::invalid_input, "JSON: not UTF-8"); }

}  // namespace

Result<EventSummary> JsonEventReader::read() {
    const bool read = reader_.peek() == JsonKind::object ? reader_.read_object([&](const JsonString& name) { return member(name); })
                                                         : reader_.wrong("an object expected");
    if (!read) return fail(fault_ ? std::move(*fault_) : reader_.error());
    if (auto finished = finish_data(); !finished) return fail(std::move(finished.error()));
    return std::move(attributes_).finish();
}

bool JsonEventReader::member(const JsonString& name) {
    const std::size_t at = reader_.at();
    auto decoded = name.decoded();
    if (!decoded) return stop(std::move(decoded.error()), at);
    if (*decoded == "data") return data(at);
    if (*decoded == "data_base64") return base64(at);
    return attribute(*decoded, at);
}

bool JsonEventReader::attribute(const std::string& name, std::size_t at) {
    const auto kind = reader_.peek();
    if (kind == JsonKind::string) {
        JsonString string;
        if (!reader_.read_string(string)) return false;
        auto text = string.decoded();
        return text ? taken(attributes_.add(name, std::move(*text)), at) : stop(std::move(text.error()).within(name), at);
    }
    if (!reader_.skip_value()) return false;
    if (kind == JsonKind::null) return taken(attributes_.add_unset(name), at);
    return typed_attribute(name, *kind, at);
}

bool JsonEventReader::typed_attribute(const std::string& name, JsonKind kind, std::size_t at) {
    const std::string_view text = text_.substr(at, reader_.at() - at);
    const bool is_core = find_core_attribute(name).has_value();
    if (!is_core && (kind == JsonKind::true_ || kind == JsonKind::false_))
        return taken(attributes_.add(name, std::string(text), AttributeType::boolean), at);
    if (!is_core && kind == JsonKind::number && parse_integer(text))
        return taken(attributes_.add(name, std::string(text), AttributeType::integer), at);
    return stop({Errc::invalid_input,
                 "attribute \"" + name + "\": " + (is_core ? "must be a string" : "must be a string, a boolean or a 32-bit integer"), 0},
                at);
}

bool JsonEventReader::data(std::size_t at) {
    if (!once(has_data_, "data", at)) return false;
    data_at_ = at;
    if (reader_.peek() != JsonKind::string) {
        if (!reader_.skip_value()) return false;
    } else if (!reader_.read_string(data_string_.emplace())) {
        return false;
    }
    data_ = text_.substr(at, reader_.at() - at);
    return true;
}

bool JsonEventReader::base64(std::size_t at) {
    if (!once(seen_base64_, "data_base64", at)) return false;
    const auto kind = reader_.peek();
    if (kind == JsonKind::null) return reader_.skip_value();
    JsonString string;
    if (kind != JsonKind::string) return stop({Errc::invalid_input, "\"data_base64\": must be a string", 0}, at);
    if (!reader_.read_string(string)) return false;
    has_base64_ = true;
    const auto text = string.decoded();
    auto bytes = text ? base64_decode(*text) : Result<Bytes>(fail(text.error()));
    if (!bytes) return stop(std::move(bytes.error()).within("\"data_base64\""), at);
    if (whole_ != nullptr) whole_->data = BinaryData{std::move(*bytes)};
    return true;
}

/// What `data` means depends on `datacontenttype`, which may stand behind it.
Result<void> JsonEventReader::finish_data() {
    if (has_data_ && has_base64_) return fail(Errc::invalid_input, "\"data\" and \"data_base64\" exclude each other");
    if (!has_data_) return {};
    if (!data_string_ || attributes_.has_json_content()) {
        if (whole_ != nullptr) whole_->data = JsonData{Bytes(data_)};
        return {};
    }
    auto text = data_string_->decoded();
    if (!text) {
        stop(std::move(text.error()).within("\"data\""), data_at_);
        return fail(std::move(*fault_));
    }
    if (whole_ != nullptr) whole_->data = TextData{std::move(*text)};
    return {};
}

bool JsonEventReader::once(bool& seen, std::string_view name, std::size_t at) {
    if (!std::exchange(seen, true)) return true;
    return stop({Errc::invalid_input, "\"" + std::string(name) + "\" stands there twice", 0}, at);
}

bool JsonEventReader::stop(Error error, std::size_t at) {
    error.message += " (byte " + std::to_string(at) + ")";
    fault_ = std::move(error);
    return false;
}

Result<EventSummary> read_json_event(BytesView text, CloudEvent* whole) {
    if (!is_valid_utf8(text)) return not_utf8();
    JsonReader reader(text);
    reader.skip_space();
    auto summary = JsonEventReader(reader, text, whole).read();
    if (summary && !reader.expect_end()) return fail(reader.error());
    return summary;
}

Result<void> read_json_batch(BytesView text, const std::function<Result<void>(JsonReader&)>& element) {
    if (!is_valid_utf8(text)) return not_utf8();
    JsonReader reader(text);
    reader.skip_space();
    std::size_t count = 0;
    std::optional<Error> fault;
    const auto next = [&] {
        auto read = element(reader);
        if (!read) fault = std::move(read.error()).within("event " + std::to_string(count));
        ++count;
        return read.has_value();
    };
    const bool read = reader.peek() == JsonKind::array ? reader.read_array(next) : reader.wrong("an array expected");
    if (!read || !reader.expect_end()) return fail(fault ? std::move(*fault) : reader.error());
    return {};
}

}  // namespace tenter::event

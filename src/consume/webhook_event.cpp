#include "tenter/consume/webhook_event.hpp"

#include <algorithm>

#include <boost/json/value.hpp>

#include "src/consume/record_source.hpp"
#include "tenter/base/text.hpp"
#include "tenter/envelope/payload_value.hpp"

namespace tenter::consume {
namespace {

template <class T>
Result<T> in_place(const WebhookEvent& event, Result<T> result) {
    if (!result) return fail(std::move(result.error()).within(to_string(event.place())));
    return result;
}

template <class T>
T value_or_throw(const WebhookEvent& event, Result<T> result) {
    if (!result) throw PayloadDecodeError(event.place(), std::move(result.error()));
    return std::move(*result);
}

}  // namespace

std::string to_string(const RecordPlace& place) {
    return place.topic + " partition " + std::to_string(place.partition) + " offset " + std::to_string(place.offset);
}

DecodeError::DecodeError(RecordPlace place, Error error) : Exception(std::move(error).within(to_string(place))), place_(std::move(place)) {}

std::vector<std::string_view> Headers::values(std::string_view name) const {
    std::vector<std::string_view> values;
    encoded_.for_each([&](std::string_view each, std::string_view value) {
        if (equals_ignoring_case(each, name)) values.push_back(value);
    });
    return values;
}

std::vector<std::pair<std::string, std::vector<std::string>>> Headers::to_lists() const {
    std::vector<std::pair<std::string, std::vector<std::string>>> lists;
    encoded_.for_each([&](std::string_view name, std::string_view value) {
        auto list = std::ranges::find(lists, name, [](const auto& each) { return std::string_view(each.first); });
        if (list == lists.end()) list = lists.insert(lists.end(), {std::string(name), {}});
        list->second.emplace_back(value);
    });
    return lists;
}

std::optional<RecordHeaders::Entry> RecordHeaders::at(std::size_t number) const {
    if (batch_ == nullptr) return std::nullopt;
    return batch_->header(index_, number);
}

std::optional<BytesView> RecordHeaders::find(std::string_view name) const {
    for (std::size_t number = 0;; ++number) {
        const auto entry = at(number);
        if (!entry) return std::nullopt;
        if (entry->name == name) return entry->value;
    }
}

envelope::Envelope WebhookEvent::as_envelope() const {
    return {.method = method, .headers = headers.encoded(), .payload = payload_bytes, .encoding = encoding};
}

boost::json::value WebhookEvent::payload() const { return value_or_throw(*this, envelope::payload_value(as_envelope())); }

Result<boost::json::value> WebhookEvent::try_payload() const { return in_place(*this, envelope::payload_value(as_envelope())); }

Bytes WebhookEvent::original_body() const { return value_or_throw(*this, envelope::original_body(as_envelope())); }

Result<Bytes> WebhookEvent::try_original_body() const { return in_place(*this, envelope::original_body(as_envelope())); }

}  // namespace tenter::consume

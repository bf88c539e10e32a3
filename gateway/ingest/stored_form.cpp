#include "gateway/ingest/stored_form.hpp"

#include <algorithm>

#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"

namespace tenter::ingest {
namespace {

constexpr std::array<std::string_view, 3> always_secret{"authorization", "proxy-authorization", "cookie"};

bool carries_credential(std::string_view lower_name, const auth::CredentialPlaces& credentials) {
    return std::ranges::find(always_secret, lower_name) != always_secret.end() ||
           std::ranges::find(credentials.headers, lower_name) != credentials.headers.end();
}

bool is_one_of(std::string_view encoded_name, const std::vector<std::string>& names) {
    const auto name = percent_decode(encoded_name, true);
    return std::ranges::find(names, name.value_or(std::string(encoded_name))) != names.end();
}

}  // namespace

std::string redact_query(std::string_view target, const std::vector<std::string>& parameters) {
    const auto path = target_path(target);
    if (parameters.empty() || path.size() == target.size()) return std::string(target);
    std::string out(path);
    std::string_view rest = target_query(target);
    for (char separator = '?';; separator = '&') {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        const std::string_view name = pair.substr(0, pair.find('='));
        out += separator;
        if (name.size() < pair.size() && is_one_of(name, parameters)) {
            out.append(name).append("=").append(redacted);
        } else {
            out.append(pair);
        }
        if (pair.size() == rest.size()) return out;
        rest.remove_prefix(pair.size() + 1);
    }
}

StoredRequest::StoredRequest(const HttpRequestView& request, const auth::CredentialPlaces& credentials, bool is_event_json)
    : method_(envelope::parse_method(request.method).value_or(envelope::Method::post)),
      target_(redact_query(request.target, credentials.query_parameters)) {
    std::size_t name_bytes = 0;
    for (const auto& header : request.headers) name_bytes += header.name.size();
    names_.reserve(name_bytes);
    values_.reserve(request.headers.size());
    headers_.reserve(request.headers.size() + 1);
    for (const auto& header : request.headers) {
        const std::size_t start = names_.size();
        std::ranges::transform(header.name, std::back_inserter(names_), ascii_lower);
        const std::string_view name(names_.data() + start, header.name.size());
        if (is_event_json && (name == "content-type" || name == "content-length")) continue;
        std::string_view value = header.value;
        if (carries_credential(name, credentials)) {
            value = redacted;
        } else if (!is_valid_utf8(value)) {
            value = values_.emplace_back(latin1_to_utf8(value));
        }
        if (name == "content-type" && !content_type_) content_type_ = value;
        headers_.push_back({name, value});
    }
    if (is_event_json) {
        content_type_ = "application/cloudevents+json";
        headers_.push_back({"content-type", *content_type_});
    }
}

StoredEvent::StoredEvent(const StoredRequest& request, const receive::ReceivedEvent& event, const Uuid& id, std::optional<std::string> key,
                         std::string_view peer, std::string_view verified_by)
    : key_(std::move(key)), target_(request.target()), peer_(peer), verified_by_(verified_by) {
    id.write_to(id_.data());
    const auto choice = envelope::choose_payload(event.body, request.content_type(), event.is_json);
    const BytesView payload = choice.as_it_is ? event.body : BytesView(choice.wrapped);
    envelope::encode({request.method(), request.headers(), payload, choice.encoding}, value_);
}

void StoredEvent::set_batch(const Uuid& batch_id, Place place) {
    batch_ = batch_id.to_string() + "/" + std::to_string(place.index) + "/" + std::to_string(place.count);
}

log::NewRecord StoredEvent::record(log::TopicId topic, UnixMillis received_at) const {
    headers_ = {{{envelope::header_name, envelope::avro_v1_header_value},
                 {"tenter-id", BytesView(id_.data(), id_.size())},
                 {"tenter-target", target_},
                 {"tenter-peer", peer_},
                 {"tenter-verified", verified_by_},
                 {"tenter-batch", batch_}}};
    const std::size_t count = batch_.empty() ? max_headers - 1 : max_headers;
    return {topic, std::nullopt, key_, value_, std::span(headers_).first(count), received_at};
}

}  // namespace tenter::ingest

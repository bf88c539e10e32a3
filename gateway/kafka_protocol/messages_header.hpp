#pragma once
// gateway/kafka_protocol/messages_header.hpp: what stands before every request and every answer. Kafka protocol guide, "Headers".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "gateway/kafka_protocol/api.hpp"
#include "gateway/kafka_protocol/schema.hpp"

namespace tenter::kafka_protocol {

/// Version 2 has tagged fields, version 0 no client id. `api.hpp` says which version a request has.
struct RequestHeader {
    static constexpr std::string_view type_name = "RequestHeader";
    static constexpr std::int16_t flexible_since = 2;

    ApiKey request_api_key{};
    std::int16_t request_api_version = 0;
    std::int32_t correlation_id = 0;  ///< Any value; the answer repeats it.
    std::optional<std::string> client_id{};

    static constexpr auto fields() {
        return std::tuple{
            field<&RequestHeader::request_api_key>(), field<&RequestHeader::request_api_version>(), field<&RequestHeader::correlation_id>(),
            field<&RequestHeader::client_id>(since(1)).never_compact(),  // so that a broker reads it whatever the version
        };
    }
};

struct ResponseHeader {
    static constexpr std::string_view type_name = "ResponseHeader";
    static constexpr std::int16_t flexible_since = 1;

    std::int32_t correlation_id = 0;

    static constexpr auto fields() { return std::tuple{field<&ResponseHeader::correlation_id>()}; }
};

}  // namespace tenter::kafka_protocol

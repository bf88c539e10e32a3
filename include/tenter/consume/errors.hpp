#pragma once
// tenter/consume/errors.hpp: what can be wrong with a record, with the names of the Python package.
//
//   FormatError            the record header `envelope`: missing, not one byte, or newer than this library (code `unsupported`: upgrade)
//   EnvelopeDecodeError    the Avro envelope: no value, damaged
//   PayloadDecodeError     the payload inside: not the JSON or CBOR that it says it is, or not of your type
//
// `what()` begins with the place: "incoming.shop partition 2 offset 1077: ...".

#include <cstdint>
#include <string>
#include <utility>

#include "tenter/base/exception.hpp"

namespace tenter::consume {

/// Where a record is.
struct RecordPlace {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t offset = 0;

    bool operator==(const RecordPlace&) const = default;
};

/// "incoming.shop partition 2 offset 1077"
[[nodiscard]] std::string to_string(const RecordPlace& place);

/// A record that cannot be read; trying again cannot help.
class DecodeError : public Exception {
public:
    DecodeError(RecordPlace place, Error error);

    [[nodiscard]] const RecordPlace& place() const noexcept { return place_; }
    [[nodiscard]] const std::string& topic() const noexcept { return place_.topic; }
    [[nodiscard]] std::int32_t partition() const noexcept { return place_.partition; }
    [[nodiscard]] std::int64_t offset() const noexcept { return place_.offset; }

private:
    RecordPlace place_;
};

class FormatError final : public DecodeError {
    using DecodeError::DecodeError;
};
class EnvelopeDecodeError final : public DecodeError {
    using DecodeError::DecodeError;
};
class PayloadDecodeError final : public DecodeError {
    using DecodeError::DecodeError;
};

}  // namespace tenter::consume

#pragma once
// cli/event_body.hpp: what a webhook's body is to whoever looks at it, whether Tenter wrote the envelope or another program.

#include <cstdint>
#include <string>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"
#include "tenter/envelope/envelope.hpp"

namespace tenter::cli {

struct EventBody {
    enum class Form : std::uint8_t {
        original,  ///< The request's body, byte for byte.
        json,      ///< A JSON text: the payload of an envelope that another program wrote.
        cbor,      ///< A CBOR item, likewise.
    };
    Form form = Form::original;
    Bytes bytes;
};

/// Tenter is known by the record header `tenter-id`; of its envelopes alone it is known how the body was put into the payload.
[[nodiscard]] EventBody event_body(const envelope::Envelope& envelope, bool by_tenter);

/// Whether these octets are to be read as CBOR: that of another program, or what arrived under a content type that says so.
[[nodiscard]] bool is_cbor_body(const envelope::Envelope& envelope, const EventBody& body);

/// The value of a CBOR item as JSON text, by the table of tenter/envelope/payload_value.hpp.
[[nodiscard]] Result<std::string> cbor_as_json(BytesView item);

}  // namespace tenter::cli

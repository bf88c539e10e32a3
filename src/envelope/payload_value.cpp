#include "tenter/envelope/payload_value.hpp"

#include <boost/json/value.hpp>

#include "tenter/event/json_value.hpp"

namespace tenter::envelope {

Result<boost::json::value> cbor_value(BytesView) { return fail(Errc::unsupported, "CBOR: not read yet"); }

Result<boost::json::value> payload_value(const Envelope& envelope) {
    return envelope.encoding == Encoding::json ? event::json_value(envelope.payload) : cbor_value(envelope.payload);
}

}  // namespace tenter::envelope

#include "tenter/envelope/payload_value.hpp"

#include <boost/json/value.hpp>

#include "src/envelope/cbor_value_reader.hpp"
#include "tenter/event/json_value.hpp"

namespace tenter::envelope {

Result<boost::json::value> cbor_value(BytesView item) {
    CborValueReader reader(item);
    boost::json::value value;
    std::string path;
    if (!event::read_tree(reader, value, event::JsonPlace(""), path) || !reader.expect_end()) return fail(reader.error(path));
    return value;
}

Result<boost::json::value> payload_value(const Envelope& envelope) {
    return envelope.encoding == Encoding::json ? event::json_value(envelope.payload) : cbor_value(envelope.payload);
}

bool detail::read_payload(const Envelope& envelope, bool (*read)(event::ValueReader& reader, void* out), void* out) {
    if (envelope.encoding == Encoding::json) return event::read_json(envelope.payload, read, out);
    CborValueReader reader(envelope.payload);
    return read(reader, out) && reader.expect_end();
}

}  // namespace tenter::envelope

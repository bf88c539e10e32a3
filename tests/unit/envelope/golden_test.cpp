// Goal: what we write is what Avro's and CBOR's other implementations write, and we read what they write.
// Method: golden.txt, written by the Python packages fastavro and cbor2 (make_golden.py beside it).

#include <fstream>
#include <sstream>

#include "src/envelope/cbor.hpp"
#include "tests/unit/envelope/envelope_testing.hpp"

namespace tenter::envelope::testing {
namespace {

struct GoldenEnvelope {
    std::string name;
    Method method = Method::get;
    Encoding encoding = Encoding::json;
    Bytes payload;
    Bytes datum;
    bool canonical = false;
    HeaderPairs headers;
};

struct GoldenString {
    CborMajor major = CborMajor::text_string;
    std::size_t count = 0;
    Bytes head;
};

struct Golden {
    std::vector<GoldenEnvelope> envelopes;
    std::vector<GoldenString> strings;
};

Bytes octets(const std::string& field) { return field == "-" ? Bytes() : from_hex(field); }

GoldenEnvelope read_envelope(std::istream& line) {
    GoldenEnvelope golden;
    std::string method, encoding, payload, datum, canonical;
    line >> golden.name >> method >> encoding >> payload >> datum >> canonical;
    golden.method = parse_method(method).value();
    golden.encoding = encoding == "CBOR" ? Encoding::cbor : Encoding::json;
    golden.payload = octets(payload);
    golden.datum = octets(datum);
    golden.canonical = canonical == "yes";
    return golden;
}

Golden read_golden() {
    Golden golden;
    std::ifstream file(TENTER_SOURCE_DIR "/tests/unit/envelope/golden.txt");
    for (std::string text; std::getline(file, text);) {
        std::istringstream line(text);
        std::string kind, first, second;
        line >> kind;
        if (kind == "envelope") {
            golden.envelopes.push_back(read_envelope(line));
        } else if (kind == "header") {
            line >> first >> second;
            golden.envelopes.back().headers.emplace_back(octets(first), octets(second));
        } else {
            std::size_t count = 0;
            line >> first >> count >> second;
            golden.strings.push_back({first == "text" ? CborMajor::text_string : CborMajor::byte_string, count, octets(second)});
        }
    }
    return golden;
}

TEST(Golden, decodes_what_fastavro_wrote_or_read) {
    const auto golden = read_golden();
    ASSERT_EQ(golden.envelopes.size(), 19U);
    for (const auto& expected : golden.envelopes) {
        SCOPED_TRACE(expected.name);
        const auto envelope = decode(expected.datum);
        ASSERT_TRUE(envelope.has_value()) << envelope.error().message;
        EXPECT_EQ(envelope->method, expected.method);
        EXPECT_EQ(pairs_of(envelope->headers), expected.headers);
        EXPECT_EQ(envelope->payload, expected.payload);
        EXPECT_EQ(envelope->encoding, expected.encoding);
    }
}

TEST(Golden, encodes_the_bytes_that_fastavro_wrote) {
    std::size_t compared = 0;
    for (const auto& expected : read_golden().envelopes) {
        if (!expected.canonical) continue;
        SCOPED_TRACE(expected.name);
        Bytes datum = "before";
        const auto headers = views_of(expected.headers);
        encode({.method = expected.method, .headers = headers, .payload = expected.payload, .encoding = expected.encoding}, datum);
        EXPECT_EQ(hex_encode(datum), hex_encode("before" + expected.datum));
        ++compared;
    }
    EXPECT_EQ(compared, 16U);
}

TEST(Golden, refuses_every_envelope_that_is_cut_at_any_byte) {
    for (const auto& expected : read_golden().envelopes) {
        SCOPED_TRACE(expected.name);
        const std::size_t step = expected.datum.size() > 4'000 ? 97 : 1;
        for (std::size_t length = 0; length < expected.datum.size(); length += step) {
            const Bytes cut(expected.datum, 0, length);  // a copy of its own, so that a read beyond its end is seen
            const auto envelope = decode(cut);
            ASSERT_FALSE(envelope.has_value()) << length;
            ASSERT_EQ(envelope.error().code, Errc::invalid_input);
        }
    }
}

TEST(Golden, wraps_strings_with_the_heads_that_cbor2_writes) {
    const auto golden = read_golden();
    ASSERT_EQ(golden.strings.size(), 16U);
    for (const auto& expected : golden.strings) {
        const Bytes content(expected.count, 'x');
        const Bytes wrapped = cbor_string(expected.major, content, CborLength::shortest);
        EXPECT_EQ(wrapped, expected.head + content);
        const auto parsed = parse_cbor_string(wrapped);
        ASSERT_TRUE(parsed.has_value());
        EXPECT_EQ(parsed->content, content);
        EXPECT_FALSE(parsed->has_eight_byte_length);
    }
}

}  // namespace
}  // namespace tenter::envelope::testing

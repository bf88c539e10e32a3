#pragma once
// tests/unit/kafka_protocol/golden.hpp: the frames and facts that make_golden.py took from Kafka.

#include <charconv>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/kafka_protocol/api.hpp"
#include "tenter/base/bytes.hpp"

namespace tenter::kafka_protocol {

struct GoldenFrame {
    bool is_request = false;
    ApiKey key{};
    std::int16_t version = 0;
    std::string origin;
    Bytes frame;         ///< Header and body.
    std::string fields;  ///< As Kafka reads them.

    [[nodiscard]] std::string name() const {
        return (is_request ? "request " : "response ") + std::string(to_string(key)) + " " + std::to_string(version) + " of " + origin;
    }
};

inline Bytes from_hex(std::string_view hex) {
    Bytes octets;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        unsigned octet = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, octet, 16);
        octets.push_back(static_cast<char>(octet));
    }
    return octets;
}

inline std::vector<std::string> golden_lines(std::string_view file) {
    std::ifstream stream(std::string(TENTER_SOURCE_DIR "/tests/unit/kafka_protocol/golden/") + std::string(file));
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

inline GoldenFrame golden_frame(ApiKey key, const std::string& line) {
    std::istringstream words(line);
    GoldenFrame golden;
    golden.key = key;
    std::string kind;
    std::string hex;
    words >> kind >> golden.version >> golden.origin >> hex >> std::ws;
    std::getline(words, golden.fields);
    golden.is_request = kind == "request";
    golden.frame = from_hex(hex);
    return golden;
}

/// All golden frames; read once.
inline const std::vector<GoldenFrame>& golden_frames() {
    static const auto frames = [] {
        std::vector<GoldenFrame> all;
        for (const auto& api : offered_apis())
            for (const auto& line : golden_lines("frames/" + std::string(to_string(api.key)) + ".txt"))
                all.push_back(golden_frame(api.key, line));
        return all;
    }();
    return frames;
}

}  // namespace tenter::kafka_protocol

#pragma once
// tests/contract/running_kafka.hpp: the real Kafka of this ctest run (tests/interop/kafka/fixture.py).

#include <boost/json.hpp>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tenter/base/random.hpp"
#include "tenter/base/secret.hpp"
#include "tenter/kafka_client/client.hpp"

namespace tenter::log::testing {

inline kafka_client::Cluster running_kafka() {
    const char* const path = std::getenv("TENTER_KAFKA");
    std::ifstream file(path == nullptr ? "" : path);
    std::stringstream text;
    text << file.rdbuf();
    if (!file) throw std::runtime_error("TENTER_KAFKA does not name the file that tells of a running Kafka");
    const auto facts = boost::json::parse(text.str()).as_object();
    const auto words = [](const boost::json::value& value) { return std::string(value.as_string()); };
    return {words(facts.at("bootstrap")), "tenter", Secret(words(facts.at("users").as_object().at("tenter"))), words(facts.at("ca"))};
}

/// Topics that begin so are one test's own.
inline std::string unique_prefix() {
    SystemRandom random;
    std::array<std::uint8_t, 8> number{};
    random.fill(number);
    std::string prefix = "contract";
    for (const auto part : number) prefix += "-" + std::to_string(part);
    return prefix + ".";
}

}  // namespace tenter::log::testing

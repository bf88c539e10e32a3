#include "tests/unit/auth/openssl_vectors.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tenter/base/encoding.hpp"

namespace tenter::auth::testing {

std::string vector_of(std::string_view name) {
    std::ifstream file(TENTER_SOURCE_DIR "/tests/unit/auth/openssl_vectors.txt");
    for (std::string line; std::getline(file, line);) {
        const auto space = line.find(' ');
        if (line.substr(0, space) != name) continue;
        const std::string value = line.substr(space + 1);
        return name.ends_with("_pem") ? base64_decode(value).value() : value;
    }
    ADD_FAILURE() << "no vector named " << name;
    return {};
}

}  // namespace tenter::auth::testing

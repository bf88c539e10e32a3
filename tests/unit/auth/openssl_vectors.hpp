#pragma once
// tests/unit/auth/openssl_vectors.hpp: keys and signatures that the openssl command line tool made ahead (make_vectors.sh).

#include <string>
#include <string_view>

namespace tenter::auth::testing {

/// The value of that name in openssl_vectors.txt; PEM is decoded to its text. Fails the test if there is none.
[[nodiscard]] std::string vector_of(std::string_view name);

/// The time in the signed texts that have one: 2023-11-14T22:13:20Z.
inline constexpr long vector_time = 1'700'000'000;

}  // namespace tenter::auth::testing

#pragma once
// tests/unit/auth/auth_testing.hpp: requests and verifiers in one line.

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/auth/scheme.hpp"

namespace tenter::auth::testing {

/// A request that owns its text.
struct TestRequest {
    std::string body;
    std::vector<Header> headers;
    std::string target = "/hook";
    std::string method = "POST";
    std::string origin = {};

    /// What is found out views this request.
    [[nodiscard]] Result<Verified> verify_with(const Verifier& verifier, UnixMillis now = UnixMillis{}) const {
        std::vector<HeaderView> views;
        for (const auto& header : headers) views.push_back({header.name, header.value});
        return verifier.verify({method, target, views, body, origin}, now);
    }
};

inline UnixMillis at_seconds(std::int64_t seconds) { return UnixMillis(std::chrono::seconds(seconds)); }

inline std::vector<Secret> secrets(std::initializer_list<std::string_view> values) {
    std::vector<Secret> made;
    for (const auto value : values) made.emplace_back(Bytes(value));
    return made;
}

inline std::unique_ptr<Verifier> verifier_of(SignatureScheme scheme, std::initializer_list<std::string_view> values) {
    auto made = make_signature_verifier(std::move(scheme), secrets(values));
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made ? std::move(*made) : nullptr;
}

inline std::unique_ptr<Verifier> named_verifier(std::string_view name, std::initializer_list<std::string_view> values) {
    return verifier_of(*find_scheme(name), values);
}

inline void expect_accepted(const Verifier& verifier, const TestRequest& request, UnixMillis now = UnixMillis{}) {
    const auto verified = request.verify_with(verifier, now);
    EXPECT_TRUE(verified.has_value()) << verified.error().message;
}

inline void expect_refused(const Verifier& verifier, const TestRequest& request, UnixMillis now = UnixMillis{},
                           std::string_view because = "") {
    const auto verified = request.verify_with(verifier, now);
    ASSERT_FALSE(verified.has_value());
    EXPECT_EQ(verified.error().code, Errc::unauthenticated);
    EXPECT_THAT(verified.error().message, ::testing::HasSubstr(std::string(because)));
}

/// The request with one header's value replaced.
inline TestRequest with_header(TestRequest request, std::string_view name, std::string value) {
    for (auto& header : request.headers)
        if (header.name == name) header.value = std::move(value);
    return request;
}

inline TestRequest with_body(TestRequest request, std::string body) {
    request.body = std::move(body);
    return request;
}

inline TestRequest without_header(TestRequest request, std::string_view name) {
    std::erase_if(request.headers, [&](const Header& header) { return header.name == name; });
    return request;
}

inline TestRequest with_repeated_header(TestRequest request, std::string_view name) {
    for (const auto& header : std::vector<Header>(request.headers))
        if (header.name == name) request.headers.push_back(header);
    return request;
}

}  // namespace tenter::auth::testing

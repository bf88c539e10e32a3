#include "bench/load/request_pool.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <string_view>

namespace tenter::load {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string_view body_of(std::string_view request) { return request.substr(request.find("\r\n\r\n") + 4); }

TEST(RequestPool, signs_as_github_does) {
    // GitHub's documentation, "Testing the webhook payload validation".
    EXPECT_EQ(github_signature("It's a Secret to Everybody", "Hello, World!"),
              "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
}

TEST(RequestPool, makes_events_of_exactly_the_size_asked_for) {
    for (const std::size_t bytes : {min_body_bytes, std::size_t{1024}, std::size_t{1025}, std::size_t{65536}})
        EXPECT_EQ(cloud_event("019ab0c4-31a8-7cc3-98c4-dc0c0c07398f", 4095, bytes).size(), bytes);
    EXPECT_THAT(cloud_event("an-id", 7, 600), StartsWith(R"({"specversion":"1.0","id":"an-id","source":"/tenter/bench",)"));
    EXPECT_THAT(cloud_event("an-id", 7, 600), HasSubstr(R"("subject":"product-7")"));
    EXPECT_TRUE(cloud_event("an-id", 7, 600).ends_with(R"("}})"));
}

TEST(RequestPool, goes_round_the_paths_in_whole_rounds) {
    const RequestPool pool({.host = "h", .secret = "s", .paths = {"/a", "/b", "/c"}, .min_requests = 4});
    ASSERT_EQ(pool.size(), 6U);
    EXPECT_THAT(pool[0], StartsWith("POST /a HTTP/1.1\r\nHost: h\r\n"));
    EXPECT_THAT(pool[1], StartsWith("POST /b HTTP/1.1\r\n"));
    EXPECT_THAT(pool[5], StartsWith("POST /c HTTP/1.1\r\n"));
}

TEST(RequestPool, holds_whole_signed_requests_with_different_ids) {
    const RequestPool pool({.host = "h", .secret = "key", .paths = {"/a"}, .min_requests = 50});
    std::set<std::string_view> bodies;
    for (std::size_t i = 0; i < pool.size(); ++i) {
        const auto body = body_of(pool[i]);
        bodies.insert(body.substr(0, 70));  // up to and with the id
        EXPECT_EQ(body.size(), 1024U);
        EXPECT_THAT(pool[i], HasSubstr("Content-Length: 1024\r\n"));
        EXPECT_THAT(pool[i], HasSubstr("X-Hub-Signature-256: " + github_signature("key", body) + "\r\n"));
    }
    EXPECT_EQ(bodies.size(), pool.size());
}

}  // namespace
}  // namespace tenter::load

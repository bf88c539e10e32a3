// A command asks a gateway over its control socket, and never waits for ever.
#include "cli/operator_link.hpp"

#include <future>

#include "tests/unit/cli/operator_server.hpp"

namespace tenter::cli {
namespace {

using namespace std::chrono_literals;
namespace kp = kafka_protocol;

Bytes one_group(const kp::Request& request) {
    return answer_to(request, kp::ListGroupsResponse{.groups = {{"shop/shop", "consumer", "Stable"}}});
}

Result<kp::ListGroupsResponse> ask(const std::string& folder, std::chrono::milliseconds timeout = 5s) {
    auto link = OperatorLink::connect(folder);
    EXPECT_TRUE(link) << link.error().message;
    if (!link) return fail(link.error());
    return link->ask<kp::ListGroupsResponse>(kp::ListGroupsRequest{}, timeout);
}

TEST(OperatorLink, asks_in_the_newest_version_and_gets_the_answer) {
    const TemporaryFolder folder;
    std::promise<std::int16_t> version;
    const OperatorServer server(folder.path(), [&](const kp::Request& request) {
        version.set_value(request.header.request_api_version);
        return one_group(request);
    });
    const auto answer = ask(folder.path());
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->groups.size(), 1U);
    EXPECT_EQ(answer->groups[0].group_id, "shop/shop");
    EXPECT_EQ(answer->groups[0].group_state, "Stable") << "only version 4 has it";
    EXPECT_EQ(version.get_future().get(), 4);
}

TEST(OperatorLink, asks_several_things_one_after_the_other) {
    const TemporaryFolder folder;
    const OperatorServer server(folder.path(), one_group);
    auto link = OperatorLink::connect(folder.path());
    ASSERT_TRUE(link);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(link->ask<kp::ListGroupsResponse>(kp::ListGroupsRequest{}));
}

TEST(OperatorLink, takes_an_answer_that_comes_in_pieces) {
    const TemporaryFolder folder;
    OperatorServer server(folder.path(), [](const kp::Request& request) {
        kp::ListGroupsResponse response;
        for (int i = 0; i < 2'000; ++i) response.groups.push_back({"shop/group-" + std::to_string(i), "consumer", "Empty"});
        return answer_to(request, response);
    });
    server.piece = 7;
    const auto answer = ask(folder.path());
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->groups.size(), 2'000U);
}

TEST(OperatorLink, finds_the_socket_of_a_folder_whose_path_is_longer_than_an_address) {
    const TemporaryFolder folder;
    const std::string deep = folder.path() + "/" + std::string(120, 'd');
    std::filesystem::create_directories(deep);
    const OperatorServer server(deep, one_group);
    EXPECT_TRUE(ask(deep));
}

TEST(OperatorLink, says_that_no_gateway_runs_where_there_is_no_socket_or_nobody_behind_it) {
    const TemporaryFolder folder;
    const auto expect_none = [](const std::string& path) {
        const auto link = OperatorLink::connect(path);
        ASSERT_FALSE(link);
        EXPECT_EQ(link.error().code, Errc::not_found);
        EXPECT_EQ(link.error().message, "no gateway that serves consumers runs on " + path);
    };
    expect_none(folder.path() + "/absent");
    expect_none(folder.path());
    {
        const OperatorServer server(folder.path(), one_group);
    }
    ASSERT_TRUE(std::filesystem::exists(folder.path() + "/control.sock")) << "left behind, as by a gateway that was killed";
    expect_none(folder.path());
}

TEST(OperatorLink, says_so_when_the_gateway_closes_the_connection) {
    const TemporaryFolder folder;
    const OperatorServer server(folder.path(), [](const kp::Request&) { return Bytes(); });
    const auto answer = ask(folder.path());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_EQ(answer.error().message, "the gateway closed the connection: its log says why");
}

TEST(OperatorLink, does_not_wait_longer_than_it_was_told) {
    const TemporaryFolder folder;
    std::promise<void> over;
    const auto until = over.get_future().share();
    const OperatorServer server(folder.path(), [until](const kp::Request&) {
        until.wait();
        return Bytes();
    });
    const auto answer = ask(folder.path(), 30ms);
    over.set_value();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_EQ(answer.error().message, "the gateway does not answer in time");
}

TEST(OperatorLink, takes_nothing_for_an_answer_that_is_none) {
    for (const Bytes& octets : {Bytes("\x7f\xff\xff\xff", 4), Bytes("\0\0\0\x02zz", 6), Bytes("\0\0\0\x08\0\0\0\x01zzzz", 12)}) {
        const TemporaryFolder folder;
        const OperatorServer server(folder.path(), [&](const kp::Request&) { return octets; });
        const auto answer = ask(folder.path());
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, Errc::invalid_input) << answer.error().message;
    }
    const TemporaryFolder folder;
    const OperatorServer server(folder.path(), [](kp::Request request) {
        request.header.correlation_id += 1;
        return one_group(request);
    });
    EXPECT_EQ(ask(folder.path()).error().message, "the gateway answered another request");
}

}  // namespace
}  // namespace tenter::cli

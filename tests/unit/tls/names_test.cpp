#include "gateway/tls/names.hpp"

#include <gmock/gmock.h>

#include "tls_testing.hpp"

namespace tenter::tls {
namespace {

using testing::Contains;
using testing::Each;
using testing::Not;

TEST(DnsName, is_what_a_certificate_can_hold) {
    for (const char* const name :
         {"localhost", "tenter.example", "a-b_c.example", "x", "1password.example", "kafka-0.kafka.svc.cluster.local"})
        EXPECT_TRUE(is_dns_name(name)) << name;
    for (const char* const name : {"", ".", "a..b", ".a", "a.", "a b", "a,b", "*.example", "a:9092", "127.0.0.1", "::1",
                                   "b\xC3\xBC"
                                   "cher.example"})
        EXPECT_FALSE(is_dns_name(name)) << name;
    const std::string label(63, 'a');
    EXPECT_TRUE(is_dns_name(label + "." + label + "." + label + "." + std::string(61, 'a')));
    EXPECT_FALSE(is_dns_name(label + "." + label + "." + label + "." + std::string(62, 'a')));
    EXPECT_FALSE(is_dns_name(label + "a"));
}

TEST(LocalNames, are_those_of_the_machine_and_the_advertised_one_first) {
    const auto names = local_names({"127.0.0.1"}, "Tenter.Example");
    EXPECT_EQ(names.front(), "tenter.example");
    for (const char* const always : {"localhost", "127.0.0.1", "::1"}) EXPECT_THAT(names, Contains(always));
    const std::string host = run("hostname").output;
    if (is_dns_name(host.substr(0, host.size() - 1))) {
        EXPECT_THAT(names, Contains(host.substr(0, host.size() - 1)));
    }
    for (const auto& name : names) EXPECT_EQ(std::ranges::count(names, name), 1) << name;
}

TEST(LocalNames, hold_each_address_that_is_listened_on) {
    EXPECT_THAT(local_names({"192.0.2.9", "2001:db8::1"}, ""), testing::IsSupersetOf({"192.0.2.9", "2001:db8::1"}));
}

TEST(LocalNames, hold_every_address_of_the_machine_where_all_are_listened_on) {
    const auto names = local_names({"0.0.0.0", "::"}, "");
    std::istringstream addresses(run("hostname -I").output);
    for (std::string address; addresses >> address;) {
        if (!address.starts_with("fe80")) {
            EXPECT_THAT(names, Contains(address));
        }
    }
    EXPECT_THAT(names, Not(Contains("0.0.0.0")));
    EXPECT_THAT(names, Not(Contains("::")));
    EXPECT_THAT(names,
                Each(testing::ResultOf([](const std::string& name) { return is_dns_name(name) || is_numeric_address(name); }, true)));
}

TEST(LocalNames, leave_out_what_no_certificate_can_hold) { EXPECT_THAT(local_names({}, "bad name"), Not(Contains("bad name"))); }

}  // namespace
}  // namespace tenter::tls

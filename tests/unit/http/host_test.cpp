#include "gateway/http_head/host.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenter::http {
namespace {

TEST(Host, accepts_names_addresses_and_ports) {
    for (const char* good : {"h", "hooks.example", "hooks.example:8080", "127.0.0.1:80", "[::1]", "[2001:db8::1]:443", "[::ffff:192.0.2.1]",
                             "h:", "h:0", "h:65535", "a-b_c.d~e", "xn--bcher-kva.example", "caf%C3%A9.example", "h."})
        EXPECT_EQ(host_fault(good), "") << good;
}

TEST(Host, refuses_what_is_no_authority) {
    struct {
        const char* host;
        const char* fault;
    } const rows[] = {
        {"", "Host empty"},
        {"u@h", "Host with user info"},
        {"u:p@h", "Host with user info"},
        {"h/", "Host with a path"},
        {"h?q", "Host with a path"},
        {"h#f", "Host with a path"},
        {"h\\i", "Host with a path"},
        {"a,b", "Host with a comma"},
        {":80", "Host malformed"},
        {"h i", "Host malformed"},
        {"h\xC3\xBC", "Host malformed"},
        {"h%", "Host malformed"},
        {"h%4", "Host malformed"},
        {"h%zz", "Host malformed"},
        {"<h>", "Host malformed"},
        {"[::1", "Host malformed"},
        {"[]", "Host malformed"},
        {"[", "Host malformed"},
        {"[h]", "Host malformed"},
        {"[fe80::1%eth0]", "Host malformed"},
        {"::1", "Host malformed"},
        {"h:80:80", "Host with a malformed port"},
        {"h:+1", "Host with a malformed port"},
        {"h:65536", "Host with a malformed port"},
        {"h:000080", "Host with a malformed port"},
        {"[::1]x", "Host with a malformed port"},
        {"[::1]x:80", "Host with a malformed port"},
    };
    for (const auto& row : rows) EXPECT_EQ(host_fault(row.host), row.fault) << row.host;
}

TEST(Host, reads_no_prefix_of_an_address_past_its_end) {
    const std::string address = "[2001:db8::1]:443";
    for (std::size_t cut = 0; cut < address.size(); ++cut) {
        const std::string exact(address, 0, cut);  // of its own, so that a sanitizer sees a step too far
        const bool whole = cut >= address.find(']') + 1;
        EXPECT_EQ(host_fault(exact).empty(), whole) << exact;
    }
}

}  // namespace
}  // namespace tenter::http

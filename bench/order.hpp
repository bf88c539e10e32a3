#pragma once
// bench/order.hpp: the payload of the measurements that decode one: 1 KiB of JSON, and the struct that a consumer reads it into.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

namespace tenter::bench {

struct Line {
    std::string sku;
    std::uint32_t quantity = 0;
    double price = 0;
};
BOOST_DESCRIBE_STRUCT(Line, (), (sku, quantity, price))

struct Order {
    std::string id;
    std::int64_t number = 0;
    std::string customer;
    std::optional<std::string> note;
    std::string created;
    double total = 0;
    bool paid = false;
    std::vector<Line> lines;
    std::vector<std::string> tags;
    std::string description;
};
BOOST_DESCRIBE_STRUCT(Order, (), (id, number, customer, note, created, total, paid, lines, tags, description))

/// 1 KiB.
inline std::string order_json() {
    std::string text =
        R"({"id":"0192f7a4-3c11-7b6e-9d4e-2b8f6f2f9a10","number":4711,"customer":"Jürgen Müller GmbH & Co. KG","created":"2026-11-23T12:00:00Z",)"
        R"("total":1843.57,"paid":true,"unknown":{"channel":"web","session":[1,2,3,null,{"ab":false}]},"lines":[)"
        R"({"sku":"FRAME-2041-BLACK","quantity":2,"price":349.95},{"sku":"FORK-110","quantity":1,"price":899.0},)"
        R"({"sku":"PEDAL-7","quantity":4,"price":61.1675}],"tags":["bicycle","b2b","express","gift \"wrapped\""],"description":")";
    text.append(1024 - 2 - text.size(), 'x');
    return text + "\"}";
}

}  // namespace tenter::bench

#pragma once
// The program's own part: what it does with a webhook. It knows no Kafka, so a test needs none.

#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include <tenter/mister_webhooks.hpp>

struct Order {
    std::string id;
    double total = 0;
};
BOOST_DESCRIBE_STRUCT(Order, (), (id, total))

/// Keeps the total of each order. Events may come again, so each replaces what the same order had before.
class Orders {
public:
    /// Asked before each change; what it throws leaves the event unprocessed.
    std::function<void()> connect = [] {};

    void operator()(const tenter::mister_webhooks::WebhookEvent& event) {
        const auto order = event.payload_as<Order>();
        connect();
        totals_[order.id] = order.total;
    }
    [[nodiscard]] double sum() const {
        double sum = 0;
        for (const auto& [id, total] : totals_) sum += total;
        return sum;
    }

private:
    std::map<std::string, double> totals_;
};

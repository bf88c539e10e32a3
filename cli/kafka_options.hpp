#pragma once
// cli/kafka_options.hpp: what `tenter tail` and `tenter consume` share where the events come from Kafka.

#include <functional>
#include <optional>
#include <string>

#include "cli/start_point.hpp"
#include "tenter/consume/options.hpp"

namespace tenter::cli {

/// Gets lines for people, without their line feed. From any thread, one at a time.
using Say = std::function<void(const std::string& line)>;

/// `from` in the words of the consumer.
[[nodiscard]] consume::StartPoint kafka_start(const std::optional<StartPoint>& from);

/// What is to be said of the notices of one run.
class NoticeLines {
public:
    /// Nothing where nothing is worth it.
    [[nodiscard]] std::optional<std::string> line(const consume::Notice& notice);

private:
    bool is_lost_ = false;
};

}  // namespace tenter::cli

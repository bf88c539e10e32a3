#pragma once
// cli/exec_consumer.hpp: `tenter consume --exec`: one process for each event.
//
//   event --> child: payload on standard input, the rest in its environment
//               |-- exit 0 --> processed, committed
//               |-- else ----> again after the backoff; then the dead-letter topic, or the end with the event not committed
//               `-- it cannot be run (shell: 126, 127) --> the end, since no event could fare better

#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/child_process.hpp"
#include "cli/kafka_options.hpp"
#include "tenter/consume/consumer.hpp"
#include "tenter/retry/retry.hpp"

namespace tenter::cli {

struct ExecOptions {
    std::vector<std::string> arguments;  ///< The program and its arguments.
    bool is_shell = false;               ///< It is a shell, whose 126 and 127 say that what it was given cannot be run.
    ChildLimits limits{};
    std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  ///< Events processed, after which it ends.

    std::optional<StartPoint> from{};       ///< Unset: where the group is.
    std::optional<std::string> group{};     ///< Unset: that of the profile.
    std::optional<std::string> instance{};  ///< ConsumerOptions::instance_id.
    std::size_t workers = 1;
    retry::RetryConfig retry{};
    std::optional<std::string> dead_letter_topic{};
    consume::Undecodable undecodable = consume::Undecodable::stop;
};

class ExecConsumer {
public:
    ExecConsumer(ExecOptions options, Say say) : options_(std::move(options)), say_(std::move(say)) {}
    ExecConsumer(const ExecConsumer&) = delete;
    ExecConsumer& operator=(const ExecConsumer&) = delete;

    /// They refer to this object, which must outlive the consumer.
    [[nodiscard]] consume::ConsumerOptions consumer_options();
    /// Until the limit, or until `stop` is requested: children then have the limits' grace, or none once `hurry` is. Throws as
    /// Consumer::run, and Exception that names the event where one failed for good, or the program where it cannot be run.
    void run(consume::Consumer& consumer, const std::stop_token& stop, const std::stop_token& hurry);

private:
    void handle(const consume::WebhookEvent& event);
    [[nodiscard]] bool may_begin();
    void note_end(bool processed);
    void give_up(std::string reason);
    [[nodiscard]] Result<ChildEnd> run_for(const consume::WebhookEvent& event);

    const ExecOptions options_;
    const Say say_;
    NoticeLines lines_;
    std::stop_source stop_;
    std::stop_token hurry_;

    std::mutex mutex_;
    std::condition_variable_any ended_;
    std::uint64_t running_ = 0;
    std::uint64_t processed_ = 0;
    std::optional<std::string> given_up_;  ///< Why nothing can go on.
};

}  // namespace tenter::cli

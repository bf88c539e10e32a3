#include "cli/exec_consumer.hpp"

#include <utility>

#include "cli/event_environment.hpp"
#include "tenter/base/exception.hpp"

namespace tenter::cli {
namespace {

/// The command failed for an event. The notices add the place, so `what` does not have it.
class EventFailed : public std::runtime_error {
public:
    EventFailed(const consume::WebhookEvent& event, const std::string& reason)
        : std::runtime_error(reason),
          place_(event.place()),
          id_(event.record_headers.find("tenter-id").value_or("")),
          attempts_(event.attempt + 1) {}

    [[nodiscard]] std::string message() const {
        std::string text = to_string(place_);
        if (!id_.empty()) text += " (id " + id_ + ")";
        return text + ": " + what() + (attempts_ > 1 ? ", " + std::to_string(attempts_) + " times" : "") + "; the event is not committed";
    }

private:
    consume::RecordPlace place_;
    std::string id_;
    std::uint32_t attempts_;
};

constexpr int shell_cannot_execute = 126;
constexpr int shell_cannot_find = 127;

}  // namespace

consume::ConsumerOptions ExecConsumer::consumer_options() {
    consume::ConsumerOptions options;
    if (options_.group) options.group = consume::ConsumerGroup::named(*options_.group);
    options.start = kafka_start(options_.from);
    options.commit = consume::CommitPolicy::each();  // what a command has done it should not do again; a process costs more than a commit
    options.instance_id = options_.instance;
    options.workers = options_.workers;
    options.retry = options_.retry;
    options.dead_letter_topic = options_.dead_letter_topic;
    options.on_undecodable = [this](const consume::UndecodableRecord&) { return options_.undecodable; };
    options.on_notice = [this](const consume::Notice& notice) {
        if (const auto line = lines_.line(notice)) say_(*line);
    };
    return options;
}

void ExecConsumer::run(consume::Consumer& consumer, const std::stop_token& stop, const std::stop_token& hurry) {
    if (options_.limit == 0) return;
    hurry_ = hurry;
    const std::stop_callback on_stop(stop, [this] { stop_.request_stop(); });
    try {
        consumer.run(stop_.get_token(), [this](const consume::WebhookEvent& event) { handle(event); });
    } catch (const EventFailed& failed) {
        throw Exception(Error{Errc::unavailable, failed.message()});
    }
    if (given_up_) throw Exception(Error{Errc::unavailable, *given_up_});
}

void ExecConsumer::handle(const consume::WebhookEvent& event) {
    if (!may_begin()) throw consume::StopConsuming();
    const auto end = run_for(event);
    const bool processed = end == ChildEnd{};
    note_end(processed);
    if (processed) return;
    if (!end) {
        give_up(end.error().message);
    } else if (options_.is_shell && end->how == ChildEnd::How::exited &&
               (end->code == shell_cannot_execute || end->code == shell_cannot_find)) {
        give_up(to_string(event.place()) + ": " + to_string(*end) + ": the shell cannot run the command; the event is not committed");
    }
    if (stop_.stop_requested()) throw consume::StopConsuming();
    throw EventFailed(event, to_string(*end));
}

Result<ChildEnd> ExecConsumer::run_for(const consume::WebhookEvent& event) {
    const ChildCommand command{.arguments = options_.arguments, .environment = environment_with(event_variables(event))};
    const auto input = event_input(event);
    return run_child(command, input, options_.limits, stop_.get_token(), hurry_);
}

/// Waits while as many run as may still be processed.
bool ExecConsumer::may_begin() {
    std::unique_lock lock(mutex_);
    const bool is_free = ended_.wait(lock, stop_.get_token(), [this] { return running_ < options_.limit - processed_; });
    if (!is_free || stop_.stop_requested()) return false;
    ++running_;
    return true;
}

void ExecConsumer::note_end(bool processed) {
    bool is_last = false;
    {
        const std::scoped_lock lock(mutex_);
        --running_;
        if (processed) is_last = ++processed_ == options_.limit;
    }
    ended_.notify_all();
    if (is_last) stop_.request_stop();
}

void ExecConsumer::give_up(std::string reason) {
    {
        const std::scoped_lock lock(mutex_);
        if (!given_up_) given_up_ = std::move(reason);
    }
    stop_.request_stop();
}

}  // namespace tenter::cli

#include "tenter/consume/scripted_consumer.hpp"

#include <atomic>
#include <mutex>
#include <utility>

#include "src/consume/engine.hpp"
#include "src/consume/scripted_source.hpp"
#include "tenter/base/exception.hpp"

namespace tenter::consume {

class ScriptedConsumer::Impl {
public:
    explicit Impl(ConsumerOptions options) : options_(std::move(options)) {
        value_or_throw(options_.validate());
        options_.on_notice = [this, of_user = std::move(options_.on_notice)](const Notice& notice) {
            notices_.push_back(notice);  // one at a time, as promised
            if (of_user) of_user(notice);
        };
    }

    void run(const std::stop_token& stop, const Callback& callback) {
        ScriptedTime time;
        ScriptedSource source(script_, time);
        const auto is_stopped = [&] { return shutdown_.load() || stop.stop_requested(); };
        Engine engine(source, options_, callback, time, is_stopped);
        struct Ended {
            Impl& impl;
            ~Ended() {
                const std::scoped_lock lock(impl.mutex_);
                impl.source_ = nullptr;
                impl.shutdown_ = false;
            }
        } ended{*this};
        {
            const std::scoped_lock lock(mutex_);
            source_ = &source;
        }
        const std::stop_callback on_stop(stop, [&] { source.wake(); });
        engine.run();
    }

    void shutdown() noexcept {
        shutdown_ = true;
        const std::scoped_lock lock(mutex_);
        if (source_ != nullptr) source_->wake();
    }

    Script script_;
    std::vector<Notice> notices_;

private:
    ConsumerOptions options_;
    std::atomic<bool> shutdown_ = false;
    std::mutex mutex_;
    ScriptedSource* source_ = nullptr;
};

ScriptedConsumer::ScriptedConsumer(ConsumerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
ScriptedConsumer::~ScriptedConsumer() = default;

void ScriptedConsumer::add(ScriptedRecord record) { impl_->script_.add(std::move(record)); }
void ScriptedConsumer::add(std::vector<ScriptedRecord> records) {
    for (auto& record : records) add(std::move(record));
}
void ScriptedConsumer::rebalance() { impl_->script_.steps.emplace_back(Rebalance{}); }
void ScriptedConsumer::redeliver() { impl_->script_.steps.emplace_back(Redelivery{}); }
void ScriptedConsumer::fail(Error error) { impl_->script_.steps.emplace_back(Failure{std::move(error)}); }
void ScriptedConsumer::disconnect(std::string reason) {
    impl_->script_.steps.emplace_back(Connection{{.kind = Notice::Kind::disconnected, .message = std::move(reason)}});
}
void ScriptedConsumer::reconnect() { impl_->script_.steps.emplace_back(Connection{{.kind = Notice::Kind::connected}}); }
void ScriptedConsumer::refuse_commits(std::size_t count) { impl_->script_.refused_commits = count; }

void ScriptedConsumer::run(std::stop_token stop, const Callback& callback) { impl_->run(stop, callback); }
void ScriptedConsumer::shutdown() noexcept { impl_->shutdown(); }

std::optional<std::int64_t> ScriptedConsumer::committed(std::string_view topic, std::int32_t partition) const {
    const auto& logs = impl_->script_.logs;
    const auto found = logs.find({std::string(topic), partition});
    return found == logs.end() ? std::nullopt : found->second.committed;
}
const std::vector<DeadLettered>& ScriptedConsumer::dead_lettered() const noexcept { return impl_->script_.dead_letters; }
const std::vector<Notice>& ScriptedConsumer::notices() const noexcept { return impl_->notices_; }

}  // namespace tenter::consume

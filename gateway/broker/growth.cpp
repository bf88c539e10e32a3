#include "gateway/broker/growth.hpp"

#include <mutex>
#include <utility>

namespace tenter::broker {

/// What both threads touch.
struct Growth::Shared {
    Executor& executor;
    Grown grown;
    Growth* owner;  // of the broker's thread; null after its end
    std::mutex mutex;
    std::vector<log::TopicPartition> list;

    /// On the commit thread.
    static void add(const std::shared_ptr<Shared>& self, log::TopicPartition at) {
        bool is_first = false;
        {
            const std::scoped_lock lock(self->mutex);
            is_first = self->list.empty();
            self->list.push_back(at);
        }
        if (!is_first) return;  // whoever came first has posted
        self->executor.post([self] {
            if (self->owner != nullptr) self->owner->tell();
        });
    }
};

Growth::Growth(log::EventLog& event_log, Executor& executor, Grown grown)
    : log_(event_log), shared_(std::make_shared<Shared>(executor, std::move(grown), this)) {}

Growth::~Growth() {
    shared_->owner = nullptr;
    watched_.clear();
}

void Growth::tell() {
    std::vector<log::TopicPartition> list;
    {
        const std::scoped_lock lock(shared_->mutex);
        list.swap(shared_->list);
    }
    shared_->grown(list);
}

Result<void> Growth::watch(log::TopicPartition at) {
    auto& watched = watched_[at];
    if (watched == nullptr) watched = std::make_unique<Watched>();
    // Both threads exchange: whoever comes second sees what the first did before, so either the flag is seen there or the growth here.
    (void)watched->is_armed.exchange(true);
    if (watched->subscription != nullptr) return {};
    auto subscription = log_.follow(at, [shared = shared_, flag = &watched->is_armed, at](log::Offset) {
        if (flag->exchange(false)) Shared::add(shared, at);
    });
    if (!subscription) {
        watched_.erase(at);
        return fail(std::move(subscription.error()));
    }
    watched->subscription = std::move(*subscription);
    return {};
}

}  // namespace tenter::broker

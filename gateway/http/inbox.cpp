#include "gateway/http/inbox.hpp"

#include "tenter/base/assert.hpp"

namespace tenter::http {

Inbox::~Inbox() = default;

void Inbox::put(Answer&& answer) {
    const std::scoped_lock lock(mutex_);
    if (closed_) return;
    answers_.push_back(std::move(answer));
    if (answers_.size() == 1) wake_();
}

void Inbox::take_all(std::vector<Answer>& out) {
    TENTER_ASSERT(out.empty());
    const std::scoped_lock lock(mutex_);
    answers_.swap(out);
}

void Inbox::close() {
    std::vector<Answer> dropped;
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    answers_.swap(dropped);
}

}  // namespace tenter::http

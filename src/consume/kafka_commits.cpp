// Commits: one at a time in the background, and those that are waited for.
#include <algorithm>
#include <memory>
#include <utility>

#include "src/consume/kafka_source.hpp"

namespace tenter::consume {
std::uint64_t KafkaSource::begin_commit(const std::vector<OffsetToCommit>& offsets, rd_kafka_resp_err_t& fault) {
    const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
    for (const auto& each : offsets)
        rd_kafka_topic_partition_list_add(list.get(), each.id.topic.c_str(), each.id.partition)->offset = each.offset;
    struct Call {
        KafkaSource& source;
        std::uint64_t number;
    };
    auto call = std::make_unique<Call>(Call{.source = *this, .number = ++last_commit_});
    const auto number = call->number;
    fault = rd_kafka_commit_queue(
        client_.get(), list.get(), commits_.get(),
        [](rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* done, void* opaque) {
            const std::unique_ptr<Call> ended(static_cast<Call*>(opaque));
            for (int i = 0; done != nullptr && i < done->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) code = done->elems[i].err;
            Result<void> result;
            if (code != RD_KAFKA_RESP_ERR_NO_ERROR) result = fail(kafka_client::to_error(code, "commit"));
            ended->source.ended_commits_.push_back({.number = ended->number, .result = std::move(result)});
        },
        call.get());
    if (fault == RD_KAFKA_RESP_ERR_NO_ERROR) static_cast<void>(call.release());
    return number;
}

void KafkaSource::commit_later(const std::vector<OffsetToCommit>& offsets) {
    auto fault = RD_KAFKA_RESP_ERR_NO_ERROR;
    commit_later_ = begin_commit(offsets, fault);
    if (fault == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    commit_later_.reset();
    listener_->on_committed(fail(kafka_client::to_error(fault, "commit")));
}

void KafkaSource::serve_commits(std::chrono::milliseconds timeout) {
    rd_kafka_queue_poll_callback(commits_.get(), static_cast<int>(timeout.count()));
    for (auto each = ended_commits_.begin(); each != ended_commits_.end(); ++each) {
        if (each->number != commit_later_) continue;
        auto result = std::move(each->result);
        ended_commits_.erase(each);
        commit_later_.reset();
        return listener_->on_committed(std::move(result));
    }
}

Result<void> KafkaSource::commit_now(const std::vector<OffsetToCommit>& offsets, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    const auto left = [&] {
        return std::max(std::chrono::milliseconds(0),
                        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()));
    };
    while (commit_later_ && left().count() > 0) serve_commits(left());
    if (offsets.empty()) return {};
    auto fault = RD_KAFKA_RESP_ERR_NO_ERROR;
    const auto number = begin_commit(offsets, fault);
    if (fault != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_client::to_error(fault, "commit"));
    while (true) {
        const auto ended = std::ranges::find(ended_commits_, number, &EndOfCommit::number);
        if (ended != ended_commits_.end()) {
            auto result = std::move(ended->result);
            ended_commits_.clear();
            return result;
        }
        if (left().count() == 0) return fail(Errc::unavailable, "commit: no answer within " + std::to_string(timeout.count()) + " ms");
        serve_commits(left());
    }
}

}  // namespace tenter::consume

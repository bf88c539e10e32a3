#include "gateway/broker/consumer_watch.hpp"

#include <algorithm>
#include <utility>

namespace tenter::broker {

using kafka_protocol::ErrorCode;

Result<void> ConsumerWatch::start(std::chrono::milliseconds interval) {
    auto now = parts_.file.current();
    if (!now) return fail(std::move(now.error()));
    const auto with_groups = parts_.coordinator.consumers();
    if (!parts_.file.is_there() && !with_groups.empty()) {
        parts_.notice("there is no " + parts_.file.path() + ", so nobody may read; the groups of " + std::to_string(with_groups.size()) +
                      (with_groups.size() == 1 ? " consumer" : " consumers") + " are kept until the start that finds one");
    } else {
        for (const auto& name : with_groups)
            if ((*now)->find(name) == nullptr) forget(name);
    }
    take(std::move(*now));
    look_at_every(interval);
    return {};
}

void ConsumerWatch::look_at_every(std::chrono::milliseconds interval) {
    parts_.timers.at(parts_.clock.monotonic() + interval, [this, interval] {
        look();
        parts_.review();
        look_at_every(interval);
    });
}

void ConsumerWatch::look() {
    auto now = parts_.file.current();
    if (!now) {
        const auto message = "the consumers are those of before: " + now.error().message;
        if (std::exchange(last_error_, message) != message) parts_.notice(message);
        return;
    }
    last_error_.clear();
    if (*now == registry_) return;
    take(std::move(*now));
    parts_.review();
}

void ConsumerWatch::take(consumers::RegistryFile::Snapshot now) {
    const auto before = std::exchange(registry_, std::move(now));
    for (const auto& consumer : before->all()) {
        const auto* known = registry_->find(consumer.name);
        // Whoever was made anew is new, and what was before is forgotten then.
        if (known == nullptr || (known->id != consumer.id && !known->is_new)) forget(consumer.name);
    }
    install_new();
}

void ConsumerWatch::forget(const std::string& name) {
    parts_.coordinator.forget_consumer(name, [this, name](ErrorCode error) {
        if (error == ErrorCode::none) return;
        parts_.timers.at(parts_.clock.monotonic() + retry_interval, [this, name] {
            if (registry_->find(name) == nullptr) forget(name);
        });
    });
}

void ConsumerWatch::install_new() {
    const auto registry = registry_;  // a consumer that is let in at once changes it
    for (const auto& consumer : registry->all())
        if (consumer.is_new && installing_.insert(consumer.name).second) install(consumer);
}

void ConsumerWatch::install(const consumers::Consumer& consumer) {
    parts_.coordinator.forget_consumer(consumer.name, [this, name = consumer.name, id = consumer.id](ErrorCode error) {
        if (error != ErrorCode::none) return install_later(name, retry_interval);
        commit_starts(name, id);
    });
}

const consumers::Consumer* ConsumerWatch::still_new(const std::string& name, const Uuid& id) const {
    const auto* consumer = registry_->find(name);
    return consumer != nullptr && consumer->id == id && consumer->is_new ? consumer : nullptr;
}

void ConsumerWatch::commit_starts(const std::string& name, const Uuid& id) {
    const auto* consumer = still_new(name, id);
    if (consumer == nullptr) return end_install(name);
    const auto request = starts_of(*consumer);
    if (request.topics.empty()) return let_in(name, id);
    const groups::Caller nobody{.consumer = name, .version = 7};
    parts_.coordinator.commit_offsets(nobody, request, [this, name, id](const kafka_protocol::OffsetCommitResponse& response) {
        if (!are_stored(name, response)) return install_later(name, retry_interval);
        // Who was removed meanwhile has a group now that nobody would forget.
        if (registry_->find(name) == nullptr) forget(name);
        let_in(name, id);
    });
}

kafka_protocol::OffsetCommitRequest ConsumerWatch::starts_of(const consumers::Consumer& consumer) {
    kafka_protocol::OffsetCommitRequest request{.group_id = consumer.name};
    for (const auto& source : consumer.sources) {
        const auto known = consumer.start_offsets.find(source);
        const auto* topic = parts_.topics.refresh(source);
        const auto named = known == consumer.start_offsets.end() ? 0 : known->second.size();
        const auto count = std::max(named, topic == nullptr ? 0 : static_cast<std::size_t>(topic->partition_count));
        if (count == 0) continue;
        auto& starts = request.topics.emplace_back();
        starts.name = source;
        for (std::size_t i = 0; i < count; ++i) {
            starts.partitions.push_back({.partition_index = static_cast<std::int32_t>(i),
                                         .committed_offset = i < named ? known->second[i] : 0,
                                         .committed_metadata = ""});
        }
    }
    return request;
}

bool ConsumerWatch::are_stored(const std::string& name, const kafka_protocol::OffsetCommitResponse& response) {
    for (const auto& topic : response.topics) {
        for (const auto& partition : topic.partitions) {
            if (partition.error_code == ErrorCode::coordinator_not_available) return false;
            if (partition.error_code == ErrorCode::none) continue;
            parts_.notice("consumer \"" + name + "\" begins at the start of " + topic.name + "/" +
                          std::to_string(partition.partition_index) +
                          ": its start offset was refused: " + std::string(to_string(partition.error_code)));
        }
    }
    return true;
}

void ConsumerWatch::let_in(const std::string& name, const Uuid& id) {
    const auto change = [&](const consumers::Registry& registry) -> Result<consumers::Registry> {
        const auto* consumer = registry.find(name);
        if (consumer == nullptr || consumer->id != id) return registry;
        auto known = *consumer;
        known.is_new = false;
        return registry.with(std::move(known));
    };
    const auto updated = parts_.file.update(change, std::chrono::milliseconds(0));
    if (!updated) {
        const bool is_in_use = updated.error().code == Errc::overloaded;  // `tenter consumer` has the file just now
        if (!is_in_use) parts_.notice("consumer \"" + name + "\" is not let in: " + updated.error().message);
        return install_later(name, is_in_use ? lock_retry_interval : retry_interval);
    }
    take(*updated);
    end_install(name);
    parts_.review();
}

void ConsumerWatch::install_later(const std::string& name, std::chrono::milliseconds wait) {
    parts_.timers.at(parts_.clock.monotonic() + wait, [this, name] { end_install(name); });
}

void ConsumerWatch::end_install(const std::string& name) {
    installing_.erase(name);
    install_new();
}

}  // namespace tenter::broker

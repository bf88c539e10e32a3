#include "gateway/broker/topics.hpp"

namespace tenter::broker {

const log::TopicInfo* Topics::find(std::string_view source) {
    const auto known = known_.find(source);
    return known != known_.end() ? &known->second : refresh(source);
}

const log::TopicInfo* Topics::refresh(std::string_view source) {
    auto info = log_.find_topic(source);
    if (!info) return nullptr;
    return &known_.insert_or_assign(std::string(source), std::move(*info)).first->second;
}

std::vector<std::string> Topics::names() const {
    std::vector<std::string> names;
    for (auto& topic : log_.topics()) names.push_back(std::move(topic.name));
    return names;
}

std::string Topics::wire_name(std::string_view source) const {
    if (is_internal(source)) return std::string(source);
    return prefix_ + std::string(source);
}

std::optional<std::string_view> Topics::source_of(std::string_view wire_name) const noexcept {
    if (is_internal(wire_name)) return wire_name;
    if (!wire_name.starts_with(prefix_)) return std::nullopt;
    const auto source = wire_name.substr(prefix_.size());
    // "<prefix>__offsets" is nobody's name: it would be a second one of the internal topic.
    return is_internal(source) ? std::nullopt : std::optional(source);
}

bool View::may_see(std::string_view source) const noexcept {
    if (consumer_ == nullptr) return true;
    return !Topics::is_internal(source) && consumer_->may_read(source);
}

const log::TopicInfo* View::find(std::string_view wire_name) const {
    const auto source = topics_.source_of(wire_name);
    return source && may_see(*source) ? topics_.find(*source) : nullptr;
}

std::optional<log::TopicPartition> View::find(std::string_view wire_name, std::int32_t number) const {
    const auto* topic = find(wire_name);
    return topic == nullptr ? std::nullopt : partition(*topic, number);
}

std::optional<log::TopicPartition> View::partition(const log::TopicInfo& topic, std::int32_t number) const {
    if (number < 0) return std::nullopt;
    const auto* found = &topic;
    if (number >= found->partition_count) found = topics_.refresh(topic.name);
    if (found == nullptr || number >= found->partition_count) return std::nullopt;
    return log::TopicPartition{.topic = found->id, .partition = {number}};
}

std::vector<const log::TopicInfo*> View::all() const {
    std::vector<const log::TopicInfo*> seen;
    for (const auto& name : topics_.names()) {
        if (!may_see(name)) continue;
        if (const auto* topic = topics_.refresh(name)) seen.push_back(topic);
    }
    return seen;
}

}  // namespace tenter::broker

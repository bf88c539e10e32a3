#include "gateway/consumers/registry.hpp"

#include <algorithm>

namespace tenter::consumers {
namespace {

Result<void> check(const Consumer& consumer) {
    if (!is_consumer_name(consumer.name)) {
        return fail(Errc::invalid_input,
                    "a consumer's name is 1 to " + std::to_string(max_name_length) + " letters, digits, '.', '_' or '-'");
    }
    const auto wrong = [&](const std::string& what) { return fail(Errc::invalid_input, "consumer \"" + consumer.name + "\": " + what); };
    if (consumer.sources.empty() || consumer.sources.size() > max_sources)
        return wrong("1 to " + std::to_string(max_sources) + " sources are possible");
    if (std::ranges::any_of(consumer.sources, &std::string::empty)) return wrong("a source without a name");
    if (const auto internal = std::ranges::find_if(consumer.sources, [](const auto& name) { return name.starts_with("__"); });
        internal != consumer.sources.end())
        return wrong("\"" + *internal + "\" is Tenter's own, nobody may read it");
    if (consumer.secrets.empty() || consumer.secrets.size() > max_secrets)
        return wrong("1 to " + std::to_string(max_secrets) + " secrets are possible");
    for (const auto& [source, offsets] : consumer.start_offsets) {
        if (!consumer.may_read(source)) return wrong("start offsets of \"" + source + "\", which is none of its sources");
        if (std::ranges::any_of(offsets, [](std::int64_t offset) { return offset < 0; })) return wrong("an offset below 0");
    }
    return {};
}

std::unexpected<Error> too_many() {
    return fail(Errc::overloaded, "there are " + std::to_string(max_consumers) + " consumers, which is the limit");
}

}  // namespace

const Consumer* Registry::find(std::string_view name) const noexcept {
    const auto at = std::ranges::lower_bound(consumers_, name, {}, &Consumer::name);
    return at != consumers_.end() && at->name == name ? &*at : nullptr;
}

Result<Consumer> checked(Consumer consumer) {
    std::ranges::sort(consumer.sources);
    const auto repeated = std::ranges::unique(consumer.sources);
    consumer.sources.erase(repeated.begin(), repeated.end());
    if (auto fine = check(consumer); !fine) return fail(std::move(fine.error()));
    return consumer;
}

Result<Registry> Registry::of(std::vector<Consumer> consumers) {
    if (consumers.size() > max_consumers) return too_many();
    Registry registry;
    for (auto& consumer : consumers) {
        auto fine = checked(std::move(consumer));
        if (!fine) return fail(std::move(fine.error()));
        registry.consumers_.push_back(std::move(*fine));
    }
    std::ranges::sort(registry.consumers_, {}, &Consumer::name);
    const auto twice = std::ranges::adjacent_find(registry.consumers_, {}, &Consumer::name);
    if (twice != registry.consumers_.end()) return fail(Errc::invalid_input, "a second consumer \"" + twice->name + "\"");
    return registry;
}

Result<Registry> Registry::with(Consumer consumer) const {
    auto fine = checked(std::move(consumer));
    if (!fine) return fail(std::move(fine.error()));
    Registry after = *this;
    const auto at = std::ranges::lower_bound(after.consumers_, fine->name, {}, &Consumer::name);
    if (at != after.consumers_.end() && at->name == fine->name) {
        *at = std::move(*fine);
        return after;
    }
    if (after.consumers_.size() >= max_consumers) return too_many();
    after.consumers_.insert(at, std::move(*fine));
    return after;
}

Registry Registry::without(std::string_view name) const {
    Registry after = *this;
    std::erase_if(after.consumers_, [&](const Consumer& consumer) { return consumer.name == name; });
    return after;
}

}  // namespace tenter::consumers

#include "cli/consumer_admin.hpp"

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include "cli/operator_link.hpp"
#include "gateway/log_segment/log_reader.hpp"
#include "gateway/tls/identity.hpp"
#include "tenter/base/uuid.hpp"

namespace tenter::cli {
namespace {

constexpr std::chrono::milliseconds log_patience{10'000};
constexpr std::chrono::milliseconds look_again_after{20};
constexpr std::size_t max_authority_bytes = 1024 * 1024;

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::string listed(const std::vector<std::string>& names, std::string_view if_none) {
    std::string text;
    for (const auto& name : names) text.append(text.empty() ? "" : ", ").append(name);
    return text.empty() ? std::string(if_none) : text;
}

/// The log's reader; null where there is no log yet. A gateway that is just starting is waited for.
Result<std::unique_ptr<log::LogReader>> open_log(ConsumerAdmin::Machine machine, const log::SegmentLogOptions& options) {
    const Instant deadline = machine.clock.monotonic() + log_patience;
    for (;;) {
        auto reader = log::LogReader::open_recovering(machine.env, machine.clock, options);
        if (reader) return reader;
        if (reader.error().code == Errc::not_found) return nullptr;
        if (reader.error().code != Errc::unavailable || machine.clock.monotonic() >= deadline) return reader;
        std::this_thread::sleep_for(look_again_after);
    }
}

Result<std::vector<std::int64_t>> offsets_of(log::LogReader& reader, const log::TopicInfo& topic, bool latest) {
    std::vector<std::int64_t> offsets;
    for (std::int32_t partition = 0; partition < topic.partition_count; ++partition) {
        const auto bounds = reader.bounds({topic.id, {partition}});
        if (!bounds) return fail(bounds.error());
        offsets.push_back(latest ? bounds->next.value : bounds->first.value);
    }
    return offsets;
}

}  // namespace

Result<void> ProfileFile::write(const envelope::ConnectionProfile& profile) {
    auto file = env_.open(path_, OpenMode::create_new);
    if (!file && file.error().os_error == EEXIST) return fail(Errc::invalid_input, path_ + " exists; it is left as it is");
    if (!file) return fail(std::move(file.error()));
    auto written = write_all(**file, profile.to_json() + "\n", 0);
    if (written) written = (*file)->sync_data();
    if (written) written = env_.sync_directory(parent_of(path_));
    if (!written) take_back();
    return written;
}

void ProfileFile::take_back() { static_cast<void>(env_.remove(path_)); }  // what went wrong before is what is told

ConsumerAdmin::ConsumerAdmin(Machine machine, const config::Config& config, log::SegmentLogOptions log_options)
    : machine_(machine), config_(config), log_options_(std::move(log_options)), registry_(machine.env, config.data) {}

Result<consumers::Consumer> ConsumerAdmin::add(const NewConsumer& wanted, std::string_view bootstrap, ProfileSink& sink) {
    const auto exists = [&] {
        return fail(Errc::invalid_input,
                    "there is a consumer \"" + wanted.name + "\": `tenter consumer rotate " + wanted.name + "` gives it a new secret");
    };
    if (!consumers::is_consumer_name(wanted.name))
        return fail(Errc::invalid_input,
                    "a consumer's name is 1 to " + std::to_string(consumers::max_name_length) + " letters, digits, '.', '_' or '-'");
    const auto before = registry_.current();
    if (!before) return fail(before.error());
    if ((*before)->find(wanted.name) != nullptr) return exists();
    auto view = look_into_log(wanted);
    if (!view) return fail(std::move(view.error()));

    const Secret secret = consumers::make_secret(machine_.random);
    consumers::Consumer consumer{.name = wanted.name,
                                 .id = UuidV7Generator(machine_.clock, machine_.random).next(),
                                 .sources = std::move(view->sources),
                                 .secrets = {consumers::StoredSecret::of(secret, machine_.random)},
                                 .created_at = machine_.clock.now(),
                                 .start_offsets = std::move(view->offsets)};
    if (auto fine = consumers::checked(consumer); !fine) return fail(std::move(fine.error()));
    const auto profile = profile_for(wanted.name, secret, bootstrap);
    if (!profile) return fail(profile.error());
    if (auto written = sink.write(*profile); !written) return fail(std::move(written.error()));
    const auto changed = registry_.update([&](const consumers::Registry& registry) -> Result<consumers::Registry> {
        if (registry.find(wanted.name) != nullptr) return exists();
        return registry.with(consumer);
    });
    if (changed) return consumer;
    // Only the last fsync may have failed: then the consumer is there, and must not be without its secret.
    const auto* const there = now_known(wanted.name);
    if (there == nullptr || there->id != consumer.id) sink.take_back();
    return fail(changed.error());
}

Result<consumers::Consumer> ConsumerAdmin::rotate(const std::string& name, std::chrono::milliseconds keep, std::string_view bootstrap,
                                                  ProfileSink& sink) {
    const auto before = find(name);
    if (!before) return fail(before.error());
    const Secret secret = consumers::make_secret(machine_.random);
    const auto stored = consumers::StoredSecret::of(secret, machine_.random);
    const auto profile = profile_for(name, secret, bootstrap);
    if (!profile) return fail(profile.error());
    if (auto written = sink.write(*profile); !written) return fail(std::move(written.error()));
    const auto changed = registry_.update([&](const consumers::Registry& registry) -> Result<consumers::Registry> {
        const auto* const consumer = registry.find(name);
        if (consumer == nullptr) return fail(no_consumer(name));
        return registry.with(consumer->rotated(stored, machine_.clock.now(), keep));
    });
    if (changed) return *(*changed)->find(name);
    const auto* const there = now_known(name);
    if (there == nullptr || there->secrets.front() != stored) sink.take_back();
    return fail(changed.error());
}

Result<void> ConsumerAdmin::remove(const std::string& name) {
    if (const auto before = find(name); !before) return fail(before.error());
    const auto changed =
        registry_.update([&](const consumers::Registry& registry) -> Result<consumers::Registry> { return registry.without(name); });
    if (!changed) return fail(changed.error());
    return {};
}

Result<consumers::Consumer> ConsumerAdmin::find(const std::string& name) {
    const auto registry = registry_.current();
    if (!registry) return fail(registry.error());
    const auto* const consumer = (*registry)->find(name);
    if (consumer == nullptr) return fail(no_consumer(name));
    return *consumer;
}

const consumers::Consumer* ConsumerAdmin::now_known(const std::string& name) {
    static_cast<void>(registry_.current());  // where it cannot be read, what was known before
    return registry_.last()->find(name);
}

Error ConsumerAdmin::no_consumer(const std::string& name) {
    std::vector<std::string> names;
    for (const auto& consumer : registry_.last()->all()) names.push_back(consumer.name);
    return {Errc::not_found, "no consumer \"" + name + "\"; there are: " + listed(names, "none")};
}

Result<bool> ConsumerAdmin::wait_for_gateway(const std::string& name, std::chrono::milliseconds timeout) {
    const Instant deadline = machine_.clock.monotonic() + timeout;
    auto link = OperatorLink::connect(config_.data);
    if (!link && link.error().code == Errc::not_found) return false;
    if (!link) return fail(std::move(link.error()));
    for (;;) {
        // It looks at the file before it answers anything that an operator asks.
        const auto answer = link->ask<kafka_protocol::ListGroupsResponse>(kafka_protocol::ListGroupsRequest{}, timeout);
        if (!answer) return fail(answer.error());
        const auto registry = registry_.current();
        if (!registry) return fail(registry.error());
        const auto* const consumer = (*registry)->find(name);
        if (consumer == nullptr || !consumer->is_new) return true;
        if (machine_.clock.monotonic() >= deadline)
            return fail(Errc::unavailable, "the gateway has not stored where \"" + name + "\" begins: its log says why; it goes on trying");
        std::this_thread::sleep_for(look_again_after);
    }
}

Result<ConsumerAdmin::LogView> ConsumerAdmin::look_into_log(const NewConsumer& wanted) {
    auto reader = open_log(machine_, log_options_);
    if (!reader) return fail(std::move(reader.error()));
    std::map<std::string, std::optional<log::TopicInfo>> known;
    for (const auto& source : config_.sources) known[source.name];
    if (*reader) {
        auto topics = (*reader)->topics();
        if (!topics) return fail(std::move(topics.error()));
        for (auto& topic : *topics)
            if (!topic.name.starts_with("__")) known[topic.name] = topic;
    }
    LogView view;
    for (const auto& source : wanted.sources) {
        if (std::ranges::find(view.sources, source) != view.sources.end()) continue;  // named twice
        const auto found = known.find(source);
        if (found == known.end()) {
            std::vector<std::string> names;
            for (const auto& [name, topic] : known) names.push_back(name);
            return fail(Errc::invalid_input, "no source \"" + source + "\"; there are: " + listed(names, "none"));
        }
        view.sources.push_back(source);
        if (!found->second) continue;
        auto offsets = offsets_of(**reader, *found->second, wanted.from_latest);
        if (!offsets) return fail(std::move(offsets.error()));
        view.offsets[source] = std::move(*offsets);
    }
    return view;
}

Result<envelope::ConnectionProfile> ConsumerAdmin::profile_for(const std::string& name, const Secret& secret, std::string_view bootstrap) {
    auto certificate = authority();
    if (!certificate) return fail(std::move(certificate.error()));
    envelope::ConnectionProfile profile;
    profile.consumer_name = name;
    profile.auth_secret = secret;
    profile.kafka_bootstrap = bootstrap;
    if (!certificate->empty()) profile.kafka_ca = std::move(*certificate);
    return profile;
}

Result<std::string> ConsumerAdmin::authority() {
    if (!config_.kafka.tls) return tls::ensure_authority(machine_.env, machine_.clock, config_.data);
    if (config_.kafka.tls->ca.empty()) return std::string();
    return read_file(machine_.env, config_.kafka.tls->ca, max_authority_bytes);
}

Result<std::string> bootstrap_address(const config::KafkaConfig& kafka, const std::string& host_name) {
    const auto written = [](const std::string& host, std::uint16_t port) {
        const bool is_ipv6 = host.find(':') != std::string::npos;
        return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
    };
    if (kafka.advertise) return written(kafka.advertise->host, kafka.advertise->port);
    if (kafka.listen.empty())
        return fail(Errc::invalid_input, "[kafka] listen = []: nobody could connect; name where they will with --bootstrap HOST:PORT");
    const auto& first = kafka.listen.front();
    if (first.port == 0) return fail(Errc::invalid_input, "[kafka] listen has port 0: name the port with --bootstrap HOST:PORT");
    const bool is_everywhere = first.host == "0.0.0.0" || first.host == "::";
    return written(is_everywhere ? host_name : first.host, first.port);
}

}  // namespace tenter::cli

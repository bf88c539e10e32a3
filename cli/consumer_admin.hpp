#pragma once
// cli/consumer_admin.hpp: what `tenter consumer` does, beside a gateway that runs or without one.
//
//   add:  sources, start offsets (from the log), authority --> profile written --> registry changed --> the gateway takes it
//                                                                  ^ before the registry: a consumer whose secret nobody has is of no use

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/consumers/registry_file.hpp"
#include "gateway/log_segment/segment_log.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/random.hpp"
#include "tenter/base/result.hpp"
#include "tenter/envelope/connection_profile.hpp"

namespace tenter::cli {

/// Where a connection profile goes. Exactly one of its functions is called for each, `take_back` after `write`.
class ProfileSink {
public:
    ProfileSink() = default;
    ProfileSink(const ProfileSink&) = delete;
    ProfileSink& operator=(const ProfileSink&) = delete;
    virtual ~ProfileSink() = default;

    [[nodiscard]] virtual Result<void> write(const envelope::ConnectionProfile& profile) = 0;
    /// What was written opens nothing: the registry could not be changed.
    virtual void take_back() = 0;
};

/// A new file with mode 0600, durable; one that exists stays as it is (`invalid_input`).
class ProfileFile final : public ProfileSink {
public:
    ProfileFile(Env& env, std::string path) : env_(env), path_(std::move(path)) {}
    [[nodiscard]] Result<void> write(const envelope::ConnectionProfile& profile) override;
    void take_back() override;

private:
    Env& env_;
    std::string path_;
};

struct NewConsumer {
    std::string name;
    std::vector<std::string> sources;
    bool from_latest = false;
};

/// Belongs to one thread. The references must outlive it.
class ConsumerAdmin {
public:
    struct Machine {
        Env& env;
        const Clock& clock;
        Random& random;
    };

    ConsumerAdmin(Machine machine, const config::Config& config, log::SegmentLogOptions log_options);

    /// `invalid_input`: a name that is none, a source that there is not (the message lists those that there are), a consumer that exists.
    [[nodiscard]] Result<consumers::Consumer> add(const NewConsumer& wanted, std::string_view bootstrap, ProfileSink& sink);
    /// A new secret; the one before stays valid for `keep`. `not_found` lists the consumers that there are.
    [[nodiscard]] Result<consumers::Consumer> rotate(const std::string& name, std::chrono::milliseconds keep, std::string_view bootstrap,
                                                     ProfileSink& sink);
    [[nodiscard]] Result<void> remove(const std::string& name);
    [[nodiscard]] Result<consumers::Consumer> find(const std::string& name);
    [[nodiscard]] Result<consumers::RegistryFile::Snapshot> all() { return registry_.current(); }

    /// Waits until a gateway that runs has taken what was changed of `name`. False: none runs, or one that serves no consumers.
    /// `unavailable`: it has not within `timeout`.
    [[nodiscard]] Result<bool> wait_for_gateway(const std::string& name, std::chrono::milliseconds timeout = std::chrono::seconds(10));

private:
    struct LogView {
        std::vector<std::string> sources;
        std::map<std::string, std::vector<std::int64_t>> offsets;
    };

    [[nodiscard]] Result<LogView> look_into_log(const NewConsumer& wanted);
    [[nodiscard]] Result<envelope::ConnectionProfile> profile_for(const std::string& name, const Secret& secret,
                                                                  std::string_view bootstrap);
    [[nodiscard]] Result<std::string> authority();
    /// Lives until the registry is read again.
    [[nodiscard]] const consumers::Consumer* now_known(const std::string& name);
    [[nodiscard]] Error no_consumer(const std::string& name);

    Machine machine_;
    const config::Config& config_;
    log::SegmentLogOptions log_options_;
    consumers::RegistryFile registry_;
};

/// Where a client finds the listener: `[kafka] advertise`, else the first address that is listened on, by the host's name where that is
/// every address. `invalid_input` where there is none, or its port is chosen at the start.
[[nodiscard]] Result<std::string> bootstrap_address(const config::KafkaConfig& kafka, const std::string& host_name);

/// What an administrator sees of a consumer: never salts or digests.
[[nodiscard]] std::string consumer_json(const consumers::Consumer& consumer);
[[nodiscard]] std::string consumer_table(std::span<const consumers::Consumer> consumers, UnixMillis now);
[[nodiscard]] std::string consumer_text(const consumers::Consumer& consumer, const std::string& topic_prefix, UnixMillis now);

}  // namespace tenter::cli

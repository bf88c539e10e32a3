#pragma once
// gateway/config/reader.hpp: reads one table of the file, collecting faults instead of stopping at the first. Private to the room; includes
// toml++.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "gateway/config/config.hpp"
#include "gateway/config/schema.hpp"

namespace tenter::config {

/// Where faults go, and what every table needs to read secrets.
struct ReadContext {
    Env& env;
    const Environment& environment;
    std::string file;
    std::string folder;  ///< Of the file; empty for the present one.
    Faults faults;

    void fault(const toml::source_region& place, std::string key, std::string message);
    /// A path of the file, relative to its folder.
    [[nodiscard]] std::string resolved(std::string_view path) const;
};

template <class Number>
struct Range {
    Number least;
    Number greatest;
};

/// One table. The constructor complains of keys that the schema does not know or that are not served yet. Getters return nothing for a key
/// that is not there, and for a wrong value, of which they complain.
class TableReader {
public:
    TableReader(ReadContext& context, const toml::table& table, Section section, std::string place);

    [[nodiscard]] const toml::node* find(std::string_view key) const { return table_.get(key); }
    [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
    [[nodiscard]] std::string dotted(std::string_view key) const;

    [[nodiscard]] std::optional<std::string> text(std::string_view key);
    /// One of some words; complains with the nearest.
    [[nodiscard]] std::optional<std::string> word(std::string_view key, std::span<const std::string_view> words);
    [[nodiscard]] std::optional<std::vector<std::string>> texts(std::string_view key);
    [[nodiscard]] std::optional<std::chrono::milliseconds> duration(std::string_view key);
    [[nodiscard]] std::optional<std::chrono::milliseconds> duration(std::string_view key, Range<std::chrono::milliseconds> range);
    [[nodiscard]] std::optional<std::uint64_t> size(std::string_view key, Range<std::uint64_t> range);
    [[nodiscard]] std::optional<std::int64_t> count(std::string_view key, Range<std::int64_t> range);
    [[nodiscard]] std::optional<bool> flag(std::string_view key);
    [[nodiscard]] const toml::table* table(std::string_view key);

    /// A literal, `{ env }` or `{ file }`; the path of a file is added to `files`.
    [[nodiscard]] std::optional<Secret> secret(std::string_view key, std::vector<std::string>& files);
    [[nodiscard]] std::optional<std::vector<Secret>> secrets(std::string_view key, std::vector<std::string>& files);

    /// Complains at the place of a key's value, or of the table where the key is missing.
    void fault(std::string_view key, std::string message);
    void required(std::string_view key, std::string_view what);
    [[nodiscard]] ReadContext& context() noexcept { return context_; }

private:
    [[nodiscard]] std::optional<Secret> read_secret(const toml::node& node, const std::string& key, std::vector<std::string>& files);

    ReadContext& context_;
    const toml::table& table_;
    std::string place_;
};

/// Reads `[log]` of kind "kafka" and `[forward]`, in `cluster.cpp`.
[[nodiscard]] KafkaLogConfig read_kafka_log(TableReader& log);
[[nodiscard]] ForwardConfig read_forward(TableReader& forward);

/// "127.0.0.1:8080", "[::1]:8080": numeric addresses and ports, of which it complains where they are not.
[[nodiscard]] std::optional<std::vector<ListenAddress>> read_addresses(TableReader& table, std::string_view key);

/// Reads `[kafka]`, in `kafka.cpp`.
[[nodiscard]] KafkaConfig read_kafka(TableReader& kafka);
/// What source `name` and its dead letters are called must be names of topics.
void check_kafka_topics(TableReader& top, const Config& config);

/// Reads `verify`, in `verification.cpp`.
[[nodiscard]] std::optional<Verification> read_verification(TableReader& source, std::vector<std::string>& secret_files);

}  // namespace tenter::config

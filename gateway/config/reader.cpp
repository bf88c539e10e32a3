#include "gateway/config/reader.hpp"

#include <algorithm>

#include "gateway/config/units.hpp"
#include "tenter/base/nearest_word.hpp"

namespace tenter::config {
namespace {

std::string_view type_of(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table: return "a table";
        case toml::node_type::array: return "a list";
        case toml::node_type::string: return "a text";
        case toml::node_type::integer: return "a number";
        case toml::node_type::floating_point: return "a fraction";
        case toml::node_type::boolean: return "true or false";
        default: return "a date or time";
    }
}

std::string expected(std::string_view what, const toml::node& node) {
    return "expected " + std::string(what) + ", found " + std::string(type_of(node));
}

}  // namespace

void ReadContext::fault(const toml::source_region& place, std::string key, std::string message) {
    faults.push_back({file, place.begin.line, place.begin.column, std::move(key), std::move(message)});
}

std::string ReadContext::resolved(std::string_view path) const {
    if (path.starts_with("./")) path.remove_prefix(2);
    if (path.starts_with('/') || folder.empty()) return std::string(path);
    return folder + "/" + std::string(path);
}

TableReader::TableReader(ReadContext& context, const toml::table& table, Section section, std::string place)
    : context_(context), table_(table), place_(std::move(place)) {
    for (auto&& [key, node] : table) {
        const std::string_view name = key.str();
        const Key* const known = find_key(section, name);
        if (known == nullptr) {
            const auto nearest = nearest_key(section, name);
            context_.fault(key.source(), dotted(name),
                           nearest.empty() ? "unknown key" : "unknown key; did you mean \"" + std::string(nearest) + "\"?");
        } else if (known->status == KeyStatus::not_yet) {
            context_.fault(key.source(), dotted(name), "not yet: this version does not serve it; remove it");
        }
    }
}

std::string TableReader::dotted(std::string_view key) const { return place_.empty() ? std::string(key) : place_ + "." + std::string(key); }

void TableReader::fault(std::string_view key, std::string message) {
    const auto* const node = find(key);
    context_.fault(node != nullptr ? node->source() : table_.source(), dotted(key), std::move(message));
}

void TableReader::required(std::string_view key, std::string_view what) {
    if (!has(key)) fault(key, "missing: " + std::string(what));
}

std::optional<std::string> TableReader::text(std::string_view key) {
    const auto* const node = find(key);
    if (node == nullptr) return std::nullopt;
    if (const auto* const value = node->as_string()) return value->get();
    fault(key, expected("a text", *node));
    return std::nullopt;
}

std::optional<std::string> TableReader::word(std::string_view key, std::span<const std::string_view> words) {
    auto value = text(key);
    if (!value || std::ranges::find(words, *value) != words.end()) return value;
    std::string list;
    for (const auto one : words) list.append(list.empty() ? "" : ", ").append(one);
    const auto nearest = nearest_word(words, *value);
    fault(key, "expected one of " + list + (nearest.empty() ? "" : "; did you mean \"" + std::string(nearest) + "\"?"));
    return std::nullopt;
}

std::optional<std::vector<std::string>> TableReader::texts(std::string_view key) {
    const auto* const node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto* const list = node->as_array();
    if (list == nullptr) {
        fault(key, expected("a list of texts", *node));
        return std::nullopt;
    }
    std::vector<std::string> values;
    for (const auto& element : *list) {
        if (const auto* const value = element.as_string()) {
            values.push_back(value->get());
        } else {
            context_.fault(element.source(), dotted(key), expected("a text", element));
            return std::nullopt;
        }
    }
    return values;
}

std::optional<std::chrono::milliseconds> TableReader::duration(std::string_view key) {
    const auto value = text(key);
    if (!value) return std::nullopt;
    const auto parsed = parse_duration(*value);
    if (!parsed || parsed->count() == 0) {
        fault(key, "expected a duration with its unit, like \"250ms\", \"30s\", \"5m\", \"24h\" or \"30d\"");
        return std::nullopt;
    }
    return parsed;
}

std::optional<std::chrono::milliseconds> TableReader::duration(std::string_view key, Range<std::chrono::milliseconds> range) {
    const auto value = duration(key);
    if (!value || (*value >= range.least && *value <= range.greatest)) return value;
    fault(key, "must be from " + duration_text(range.least) + " to " + duration_text(range.greatest));
    return std::nullopt;
}

std::optional<std::uint64_t> TableReader::size(std::string_view key, Range<std::uint64_t> range) {
    const auto value = text(key);
    if (!value) return std::nullopt;
    const auto parsed = parse_size(*value);
    if (!parsed) {
        fault(key, "expected a size with its unit, like \"64KiB\", \"1MiB\" or \"1GiB\"");
        return std::nullopt;
    }
    if (*parsed < range.least || *parsed > range.greatest) {
        fault(key, "must be from " + size_text(range.least) + " to " + size_text(range.greatest));
        return std::nullopt;
    }
    return parsed;
}

std::optional<std::int64_t> TableReader::count(std::string_view key, Range<std::int64_t> range) {
    const auto* const node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto* const value = node->as_integer();
    if (value == nullptr) {
        fault(key, expected("a whole number", *node));
        return std::nullopt;
    }
    if (value->get() < range.least || value->get() > range.greatest) {
        fault(key, "must be from " + std::to_string(range.least) + " to " + std::to_string(range.greatest));
        return std::nullopt;
    }
    return value->get();
}

std::optional<bool> TableReader::flag(std::string_view key) {
    const auto* const node = find(key);
    if (node == nullptr) return std::nullopt;
    if (const auto* const value = node->as_boolean()) return value->get();
    fault(key, expected("true or false", *node));
    return std::nullopt;
}

const toml::table* TableReader::table(std::string_view key) {
    const auto* const node = find(key);
    if (node == nullptr) return nullptr;
    if (const auto* const value = node->as_table()) return value;
    fault(key, expected("a table", *node));
    return nullptr;
}

std::optional<Secret> TableReader::secret(std::string_view key, std::vector<std::string>& files) {
    const auto* const node = find(key);
    return node == nullptr ? std::nullopt : read_secret(*node, dotted(key), files);
}

std::optional<std::vector<Secret>> TableReader::secrets(std::string_view key, std::vector<std::string>& files) {
    const auto* const node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto* const list = node->as_array();
    if (list == nullptr || list->empty()) {
        fault(key, list == nullptr ? expected("a list of secrets", *node) : "expected at least one secret");
        return std::nullopt;
    }
    std::vector<Secret> found;
    for (std::size_t i = 0; i < list->size(); ++i)
        if (auto one = read_secret(*list->get(i), dotted(key) + "[" + std::to_string(i) + "]", files)) found.push_back(std::move(*one));
    if (found.size() != list->size()) return std::nullopt;
    return found;
}

std::optional<Secret> TableReader::read_secret(const toml::node& node, const std::string& key, std::vector<std::string>& files) {
    if (const auto* const literal = node.as_string()) {
        if (!literal->get().empty()) return Secret(literal->get());
        context_.fault(node.source(), key, "the secret is empty");
        return std::nullopt;
    }
    const auto* const table = node.as_table();
    if (table == nullptr) {
        context_.fault(node.source(), key, expected("a text, { env = \"NAME\" } or { file = \"path\" }", node));
        return std::nullopt;
    }
    TableReader reader(context_, *table, Section::secret, key);
    const auto name = reader.text("env");
    const auto path = reader.text("file");
    if (name.has_value() == path.has_value()) {
        context_.fault(node.source(), key, "expected either env or file");
        return std::nullopt;
    }
    const std::string resolved = path ? context_.resolved(*path) : "";
    auto secret = name ? secret_from_environment(*name, context_.environment) : secret_from_file(context_.env, resolved);
    if (!secret) {
        context_.fault(node.source(), key, secret.error().message);
        return std::nullopt;
    }
    if (path) files.push_back(resolved);
    return std::move(*secret);
}

}  // namespace tenter::config

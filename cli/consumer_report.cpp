// How consumers are shown: for people and for programs.
#include <utility>

#include "cli/consumer_admin.hpp"
#include "cli/text_table.hpp"
#include "tenter/base/json_text.hpp"
#include "tenter/base/timestamp.hpp"

namespace tenter::cli {
namespace {

std::string joined(const std::vector<std::string>& names, std::string_view prefix, std::string_view between) {
    std::string text;
    for (const auto& name : names) text.append(text.empty() ? "" : between).append(prefix).append(name);
    return text;
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
    append_json_string(out, name);
    out += ':';
    append_json_string(out, value);
}

std::string offsets_text(const std::vector<std::int64_t>& offsets, std::string_view between) {
    std::string text;
    for (const auto offset : offsets) text.append(text.empty() ? "" : between).append(std::to_string(offset));
    return text;
}

/// The one before the newest, while it is valid.
std::string secrets_text(const consumers::Consumer& consumer, UnixMillis now) {
    if (consumer.secrets.size() < 2 || !consumer.secrets[1].is_valid(now)) return "1";
    return "2, the old one until " + to_rfc3339(*consumer.secrets[1].valid_until);
}

}  // namespace

std::string consumer_json(const consumers::Consumer& consumer) {
    std::string out = "{";
    append_text(out, "name", consumer.name);
    out += ',';
    append_text(out, "id", consumer.id.to_string());
    out += ',';
    append_text(out, "created_at", to_rfc3339(consumer.created_at));
    out += ",\"sources\":[";
    for (std::size_t i = 0; i < consumer.sources.size(); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, consumer.sources[i]);
    }
    out += "],\"start_offsets\":{";
    for (bool is_first = true; const auto& [source, offsets] : consumer.start_offsets) {
        if (!std::exchange(is_first, false)) out += ',';
        append_json_string(out, source);
        out += ":[" + offsets_text(offsets, ",") + "]";
    }
    out += "},\"secrets\":[";
    for (std::size_t i = 0; i < consumer.secrets.size(); ++i) {
        out += i > 0 ? ",{" : "{";
        const auto& until = consumer.secrets[i].valid_until;
        if (until) append_text(out, "valid_until", to_rfc3339(*until));
        if (!until) out += "\"valid_until\":null";
        out += '}';
    }
    return out + "],\"is_new\":" + (consumer.is_new ? "true}" : "false}");
}

std::string consumer_table(std::span<const consumers::Consumer> consumers, UnixMillis now) {
    TextTable table({{"CONSUMER"}, {"SOURCES"}, {"CREATED"}, {"SECRETS"}});
    for (const auto& consumer : consumers)
        table.add({consumer.name, joined(consumer.sources, "", ", "), to_rfc3339(consumer.created_at), secrets_text(consumer, now)});
    return table.text();
}

std::string consumer_text(const consumers::Consumer& consumer, const std::string& topic_prefix, UnixMillis now) {
    std::string out = "consumer  " + consumer.name + "\n";
    out += "created   " + to_rfc3339(consumer.created_at) + "\n";
    out += "sources   " + joined(consumer.sources, "", ", ") + "\n";
    if (!topic_prefix.empty()) out += "topics    " + joined(consumer.sources, topic_prefix, ", ") + "\n";
    out += "secrets   " + secrets_text(consumer, now) + "\n";
    for (const auto& [source, offsets] : consumer.start_offsets)
        out += "begins    " + source + " at " + offsets_text(offsets, ", ") + (offsets.size() > 1 ? ", a number a partition\n" : "\n");
    if (consumer.is_new) out += "state     new: let in as soon as a gateway has stored where it begins\n";
    return out;
}

}  // namespace tenter::cli

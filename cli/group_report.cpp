// How consumer groups are shown: for people and for programs.
#include "cli/group_admin.hpp"
#include "cli/terminal_text.hpp"
#include "cli/text_table.hpp"
#include "tenter/base/json_text.hpp"

namespace tenter::cli {
namespace {

using enum TextTable::Align;

std::string number(std::optional<std::int64_t> value) { return value ? std::to_string(*value) : "-"; }
std::string json_number(std::optional<std::int64_t> value) { return value ? std::to_string(*value) : "null"; }

void append_text(std::string& out, std::string_view name, std::string_view value) {
    append_json_string(out, name);
    out += ':';
    append_json_string(out, value);
}

void append_partition(std::string& out, const TopicPartitionName& at) {
    append_text(out, "topic", at.topic);
    out += ",\"partition\":" + std::to_string(at.partition);
}

void append_member(std::string& out, const GroupMember& member) {
    out += '{';
    append_text(out, "id", member.id);
    out += ',';
    append_text(out, "client_id", member.client_id);
    out += ',';
    append_text(out, "host", member.host);
    out += ",\"assigned\":[";
    for (std::size_t i = 0; i < member.assigned.size(); ++i) {
        out += i > 0 ? ",{" : "{";
        append_partition(out, member.assigned[i]);
        out += '}';
    }
    out += "]}";
}

/// Kafka's clients of every kind call themselves "/192.0.2.1".
std::string host_of(const GroupMember& member) { return member.host.starts_with('/') ? member.host.substr(1) : member.host; }

}  // namespace

std::string group_table(const std::vector<GroupSummary>& groups) {
    TextTable table({{"GROUP"}, {"STATE"}, {"MEMBERS", right}});
    for (const auto& group : groups) table.add({group.name, group.state, std::to_string(group.members)});
    return table.text();
}

std::string group_json(const GroupSummary& group) {
    std::string out = "{";
    append_text(out, "group", group.name);
    out += ',';
    append_text(out, "state", group.state);
    return out + ",\"members\":" + std::to_string(group.members) + "}";
}

std::string group_text(const GroupDescription& group) {
    std::string out = "group     " + terminal_safe(group.name) + "\nstate     " + terminal_safe(group.state);
    out += group.assignor.empty() ? "\n" : " (" + terminal_safe(group.assignor) + ")\n";
    if (!group.partitions.empty()) {
        TextTable table({{"TOPIC"}, {"PARTITION", right}, {"COMMITTED", right}, {"END", right}, {"LAG", right}, {"MEMBER"}});
        for (const auto& row : group.partitions)
            table.add({row.at.topic, std::to_string(row.at.partition), number(row.committed), number(row.end), number(row.lag()),
                       row.member ? group.members[*row.member].id : "-"});
        out += "\n" + table.text();
    }
    if (group.members.empty()) return out + "\nNo member is there now.\n";
    TextTable table({{"MEMBER"}, {"CLIENT"}, {"HOST"}, {"PARTITIONS", right}});
    for (const auto& member : group.members)
        table.add({member.id, member.client_id, host_of(member), std::to_string(member.assigned.size())});
    return out + "\n" + table.text();
}

std::string group_json(const GroupDescription& group) {
    std::string out = "{";
    append_text(out, "group", group.name);
    out += ',';
    append_text(out, "state", group.state);
    out += ',';
    append_text(out, "assignor", group.assignor);
    out += ",\"members\":[";
    for (std::size_t i = 0; i < group.members.size(); ++i) {
        if (i > 0) out += ',';
        append_member(out, group.members[i]);
    }
    out += "],\"partitions\":[";
    for (std::size_t i = 0; i < group.partitions.size(); ++i) {
        const auto& row = group.partitions[i];
        out += i > 0 ? ",{" : "{";
        append_partition(out, row.at);
        out += ",\"committed\":" + json_number(row.committed) + ",\"end\":" + json_number(row.end) + ",\"lag\":" + json_number(row.lag());
        out += ",\"member\":";
        if (row.member) append_json_string(out, group.members[*row.member].id);
        if (!row.member) out += "null";
        out += '}';
    }
    return out + "]}";
}

std::string moves_table(const std::vector<OffsetMove>& moves) {
    TextTable table({{"TOPIC"}, {"PARTITION", right}, {"COMMITTED", right}, {"NEW", right}});
    for (const auto& move : moves)
        table.add({move.at.topic, std::to_string(move.at.partition), number(move.committed), std::to_string(move.target)});
    return table.text();
}

}  // namespace tenter::cli

// Goal: the coordinator answers as Kafka's does, and its records are Kafka's. Method: the requests of scenarios.txt, to which a real
// broker's answers were written down (make_golden.py), are asked here and the answers written in the same form.

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "harness.hpp"

namespace {

using namespace tenter;
using namespace tenter::groups;
using namespace std::chrono_literals;
using namespace kafka_protocol;

std::vector<std::string> golden_lines(const std::string& name) {
    std::ifstream file(TENTER_SOURCE_DIR "/tests/unit/groups/golden/" + name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, at);) parts.push_back(part);
    if (text.ends_with(at)) parts.emplace_back();
    return parts;
}

template <class Response>
std::string code(const Response& response) {
    return std::to_string(static_cast<int>(response.error_code));
}

/// One group and its clients; what they ask and are told as make_golden.py writes it.
class Scenario : public GroupsTest {
protected:
    using Given = std::map<std::string, std::string>;

    void SetUp() override {
        options.initial_rebalance_delay = 0ms;
        options.least_session_timeout = 100ms;
        start();
    }

    void begin() {
        members_.clear();
        generation_of_.clear();
        generations_.clear();
        ++group_;
    }

    /// The answers that there are after the line, by connection.
    std::vector<std::string> run(const std::string& line) {
        const auto words = split(line, ' ');
        answers_.clear();
        if (words[0] == "wait") {
            pass(std::chrono::milliseconds(std::stoi(words[1])));
        } else {
            Given given;
            for (std::size_t i = 2; i < words.size(); ++i)
                given[words[i].substr(0, words[i].find('='))] = words[i].substr(words[i].find('=') + 1);
            ask(std::stoull(words[0]), words[1], given);
            pass(250ms);
        }
        std::ranges::stable_sort(answers_, {}, [](const auto& each) { return each.first; });
        std::vector<std::string> lines;
        for (const auto& [connection, text] : answers_) lines.push_back(text());
        return lines;
    }

private:
    using Text = std::function<std::string()>;

    void ask(std::uint64_t connection, const std::string& request, Given& given) {
        const auto told = [this, connection, request](const auto& write) {
            answers_.emplace_back(connection, [=] { return std::to_string(connection) + " " + request + " " + write(); });
        };
        const auto group = std::to_string(group_);
        const auto as = caller(connection, static_cast<std::int16_t>(given.contains("version") ? std::stoi(given["version"]) : 5));
        const auto instance = given.contains("instance") ? std::optional(given["instance"]) : std::nullopt;
        const auto member = id_of(given["member"]);
        const auto generation = generation_of(given);
        if (request == "join") return ask_join(as, given, told);
        if (request == "sync") {
            SyncGroupRequest sync{.group_id = group, .generation_id = generation, .member_id = member, .group_instance_id = instance};
            for (const auto& part : split(given["assign"], ','))
                sync.assignments.push_back({members_.at(part.substr(0, part.find(':'))), part.substr(part.find(':') + 1)});
            return coordinator->sync_group(as, sync, [told](const SyncGroupResponse& response) {
                told([=] { return "error=" + code(response) + " assignment=" + response.assignment; });
            });
        }
        if (request == "heartbeat") {
            const auto response = coordinator->heartbeat(
                as, {.group_id = group, .generation_id = generation, .member_id = member, .group_instance_id = instance});
            return told([=] { return "error=" + code(response); });
        }
        if (request == "leave") return ask_leave(as, given, member, told);
        if (request == "commit") {
            OffsetCommitPartition partition{.committed_offset = std::stoll(given["offset"])};
            partition.committed_metadata = std::string(given.contains("metadata") ? std::stoul(given["metadata"]) : 0, 'm');
            const OffsetCommitRequest commit{.group_id = group,
                                             .generation_id_or_member_epoch = generation,
                                             .member_id = member,
                                             .group_instance_id = instance,
                                             .topics = {{.name = "t", .partitions = {partition}}}};
            return coordinator->commit_offsets(as, commit, [told](const OffsetCommitResponse& response) {
                told([=] { return "error=" + code(response.topics.at(0).partitions.at(0)); });
            });
        }
        ask_as_tool(as, request, given, told);
    }

    void ask_join(const Caller& as, Given& given, const auto& told) {
        JoinGroupRequest join{.group_id = std::to_string(group_),
                              .session_timeout_ms = given.contains("session") ? std::stoi(given["session"]) : 10'000,
                              .rebalance_timeout_ms = given.contains("rebalance") ? std::stoi(given["rebalance"]) : 60'000,
                              .member_id = id_of(given["member"]),
                              .protocol_type = given.contains("type") ? given["type"] : "consumer"};
        if (given.contains("instance")) join.group_instance_id = given["instance"];
        for (const auto& part : split(given["protocols"], ','))
            join.protocols.push_back({part.substr(0, part.find(':')), part.substr(part.find(':') + 1)});
        coordinator->join_group(as, join, [this, told, name = given["as"]](const JoinGroupResponse& response) {
            if (!name.empty()) {
                members_[name] = response.member_id;
                generation_of_[name] = response.generation_id;
            }
            told([=, this] {
                std::vector<std::string> shown;
                for (const auto& member : response.members)
                    shown.push_back(name_of(member.member_id) + ":" + member.group_instance_id.value_or("") + ":" + member.metadata);
                return "error=" + code(response) + " generation=" + number_of(response.generation_id) +
                       " protocol=" + response.protocol_name + " leader=" + name_of(response.leader) +
                       " member=" + name_of(response.member_id) + " members=" + joined(shown);
            });
        });
    }

    void ask_leave(const Caller& as, Given& given, const std::string& member, const auto& told) {
        LeaveGroupRequest leave{.group_id = std::to_string(group_), .member_id = member};
        for (const auto& part : split(given["members"], ',')) {
            const auto halves = split(part, '/');
            leave.members.push_back({.member_id = id_of(halves.at(0))});
            if (!halves.at(1).empty()) leave.members.back().group_instance_id = halves.at(1);
        }
        const auto response = coordinator->leave_group(as, leave);
        told([this, response, is_list = as.version >= 3] {
            if (!is_list) return "error=" + code(response);
            std::vector<std::string> shown;
            for (const auto& each : response.members)
                shown.push_back(name_of(each.member_id) + ":" + each.group_instance_id.value_or("") + ":" + code(each));
            return "error=" + code(response) + " members=" + joined(shown);
        });
    }

    void ask_as_tool(const Caller& as, const std::string& request, Given& given, const auto& told) {
        const auto group = std::to_string(group_);
        if (request == "fetch") {
            OffsetFetchRequest fetch{.group_id = group};
            if (!given.contains("all")) fetch.topics = std::vector<OffsetFetchTopic>{{.name = "t", .partition_indexes = {0}}};
            const auto topics = coordinator->fetch_offsets(as, fetch).topics;
            if (topics.empty()) return told([] { return std::string("topics=0"); });
            return told([found = topics.at(0).partitions.at(0)] {
                return "offset=" + std::to_string(found.committed_offset) + " metadata=" + std::to_string(found.metadata->size()) +
                       " error=" + code(found);
            });
        }
        if (request == "describe") {
            const auto found = coordinator->describe_groups(as, {.groups = {group}}).groups.at(0);
            return told([this, found] {
                std::vector<std::string> shown;
                for (const auto& member : found.members)
                    shown.push_back(name_of(member.member_id) + ":" + member.client_id + ":" + member.member_metadata + "/" +
                                    member.member_assignment);
                return "error=" + code(found) + " state=" + found.group_state + " type=" + found.protocol_type +
                       " protocol=" + found.protocol_data + " members=" + joined(shown);
            });
        }
        if (request == "list") {
            const auto response = coordinator->list_groups(as, {});
            const auto found = std::ranges::find(response.groups, group, &ListedGroup::group_id);
            return told([error = code(response), type = found == response.groups.end() ? std::string() : found->protocol_type] {
                return "error=" + error + " type=" + type;
            });
        }
        ASSERT_EQ(request, "delete");
        coordinator->delete_groups(as, {.groups_names = {group}}, [told](const DeleteGroupsResponse& response) {
            told([=] { return "error=" + code(response.results.at(0)); });
        });
    }

    std::string id_of(const std::string& word) {
        if (!word.starts_with('$')) return word;
        return members_.contains(word.substr(1)) ? members_[word.substr(1)] : std::string();
    }
    std::int32_t generation_of(Given& given) {
        const auto word = given.contains("generation") ? given["generation"] : "-1";
        return word.starts_with('$') ? generation_of_.at(word.substr(1)) : std::stoi(word);
    }
    std::string name_of(const std::string& id) {
        for (const auto& [name, known] : members_)
            if (known == id) return name;
        constexpr std::size_t random_part = 37;  // a dash and a UUID
        return id.size() > random_part && id[id.size() - random_part] == '-' ? "?" : id;
    }
    std::string number_of(std::int32_t generation) {
        if (generation < 0) return "-";
        const auto found = std::ranges::find(generations_, generation);
        if (found == generations_.end()) return generations_.push_back(generation), std::to_string(generations_.size());
        return std::to_string(found - generations_.begin() + 1);
    }
    static std::string joined(std::vector<std::string> parts) {
        std::ranges::sort(parts);
        std::string all;
        for (const auto& part : parts) all += (all.empty() ? "" : ",") + part;
        return all;
    }

    int group_ = -1;
    std::map<std::string, std::string> members_;
    std::map<std::string, std::int32_t> generation_of_;
    std::vector<std::int32_t> generations_;
    std::vector<std::pair<std::uint64_t, Text>> answers_;
};

TEST_F(Scenario, the_coordinator_answers_as_a_real_broker_does) {
    const auto lines = golden_lines("answers.txt");
    ASSERT_GT(lines.size(), 200U);
    std::string title;
    for (std::size_t i = 0; i < lines.size();) {
        if (lines[i].starts_with("scenario ")) {
            title = lines[i++];
            begin();
            continue;
        }
        ASSERT_TRUE(lines[i].starts_with("> "));
        const auto line = lines[i++].substr(2);
        std::vector<std::string> wanted;
        while (i < lines.size() && !lines[i].starts_with("> ") && !lines[i].starts_with("scenario ")) wanted.push_back(lines[i++]);
        EXPECT_EQ(run(line), wanted) << title << ", after: " << line;
    }
}

}  // namespace

#pragma once
// gateway/groups/answers.hpp: answers that requests wait for. An answer is given once, or its connection went away first.
//
//   keep() --> waiting --give()--> ready --deliver()--> called
//                  `-------- drop(connection) ---------------> forgotten
//
// What is ready is called when the coordinator's state is whole again, so that whoever is answered may ask again at once.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/groups/names.hpp"
#include "gateway/kafka_protocol/messages_group.hpp"
#include "gateway/kafka_protocol/messages_offsets.hpp"

namespace tenter::groups {

/// Takes the answer to one request. Must not throw. May call the coordinator again; must not destroy it.
template <class Response>
using Answer = std::function<void(Response)>;

/// Names an answer that is waited for; 0 is none.
using AnswerId = std::uint64_t;

class Answers {
public:
    /// Whose answer was dropped with its connection.
    struct Dropped {
        AnswerId id;
        GroupName group;
        std::string member_id;
    };

    Answers() = default;
    Answers(const Answers&) = delete;
    Answers& operator=(const Answers&) = delete;

    /// Keeps an answer for later. The group and the member are handed back by `drop`.
    template <class Response>
    [[nodiscard]] AnswerId keep(ConnectionId connection, GroupName group, std::string member_id, Answer<Response> answer) {
        const AnswerId id = ++last_;
        waiting_.emplace(id, Waiting{connection, std::move(group), std::move(member_id), std::move(answer)});
        by_connection_.emplace(connection, id);
        return id;
    }

    /// Answers what waits; nothing happens if it was dropped or answered.
    template <class Response>
    void give(AnswerId id, Response response) {
        const auto found = waiting_.find(id);
        if (found == waiting_.end()) return;
        give(found->second.connection, std::get<Answer<Response>>(std::move(found->second.answer)), std::move(response));
        by_connection_.erase({found->second.connection, id});
        waiting_.erase(found);
    }

    /// Answers what did not have to wait.
    template <class Response>
    void give(ConnectionId connection, Answer<Response> answer, Response response) {
        ready_.emplace_back(connection, [answer = std::move(answer), response = std::move(response)] { answer(response); });
    }

    [[nodiscard]] bool is_waiting(AnswerId id) const { return waiting_.contains(id); }
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

    /// Forgets every answer of a connection.
    [[nodiscard]] std::vector<Dropped> drop(ConnectionId connection);

    /// Calls what is ready, in order, also what becomes ready meanwhile. Within itself it does nothing: the outer call goes on.
    void deliver();

private:
    using Any = std::variant<Answer<kafka_protocol::JoinGroupResponse>, Answer<kafka_protocol::SyncGroupResponse>,
                             Answer<kafka_protocol::OffsetCommitResponse>, Answer<kafka_protocol::DeleteGroupsResponse>,
                             Answer<kafka_protocol::ErrorCode>>;
    struct Waiting {
        ConnectionId connection;
        GroupName group;
        std::string member_id;
        Any answer;
    };

    AnswerId last_ = 0;
    std::map<AnswerId, Waiting> waiting_;
    std::set<std::pair<ConnectionId, AnswerId>> by_connection_;
    std::deque<std::pair<ConnectionId, std::function<void()>>> ready_;
    bool is_delivering_ = false;
};

}  // namespace tenter::groups

// Each request to where it is answered.

#include <utility>
#include <variant>

#include "gateway/broker/positions.hpp"
#include "gateway/broker/session.hpp"

namespace tenter::broker {

using kafka_protocol::ErrorCode;
using kafka_protocol::FetchResponse;

/// One overload for each request.
struct Session::Serve {
    Session& session;

    template <class Response>
    [[nodiscard]] groups::Answer<Response> later() const {
        return [&answered = session](const Response& response) { answered.answer(response); };
    }

    void operator()(kafka_protocol::ApiVersionsRequest&) const { session.answer(kafka_protocol::offered_api_versions()); }
    void operator()(kafka_protocol::SaslHandshakeRequest& request) const { session.choose(request); }
    void operator()(kafka_protocol::SaslAuthenticateRequest& request) const { session.authenticate(request); }

    void operator()(kafka_protocol::MetadataRequest& request) const {
        session.answer(metadata(request, session.view(), session.cluster()));
    }
    void operator()(kafka_protocol::DescribeClusterRequest& request) const { session.answer(describe_cluster(request, session.cluster())); }
    void operator()(kafka_protocol::DescribeConfigsRequest& request) const { session.answer(describe_configs(request, session.view())); }
    void operator()(kafka_protocol::FindCoordinatorRequest& request) const { session.answer(find_coordinator(request, session.cluster())); }

    void operator()(kafka_protocol::ProduceRequest& request) const { session.produce(request); }
    void operator()(kafka_protocol::FetchRequest& request) const { session.fetch(request); }
    void operator()(kafka_protocol::ListOffsetsRequest& request) const {
        session.answer(list_offsets(request, session.version_, session.view(), session.core_.event_log, session.core_.damage));
    }
    void operator()(kafka_protocol::OffsetForLeaderEpochRequest& request) const {
        session.answer(offset_for_leader_epoch(request, session.view(), session.core_.event_log, session.core_.damage));
    }

    void operator()(kafka_protocol::JoinGroupRequest& request) const {
        session.groups().join(std::move(request), later<kafka_protocol::JoinGroupResponse>());
    }
    void operator()(kafka_protocol::SyncGroupRequest& request) const {
        session.groups().sync(std::move(request), later<kafka_protocol::SyncGroupResponse>());
    }
    void operator()(kafka_protocol::HeartbeatRequest& request) const { session.answer(session.groups().heartbeat(std::move(request))); }
    void operator()(kafka_protocol::LeaveGroupRequest& request) const { session.answer(session.groups().leave(std::move(request))); }
    void operator()(kafka_protocol::OffsetCommitRequest& request) const {
        session.groups().commit(request, later<kafka_protocol::OffsetCommitResponse>());
    }
    void operator()(kafka_protocol::OffsetFetchRequest& request) const { session.answer(session.groups().fetch_offsets(request)); }
    void operator()(kafka_protocol::DescribeGroupsRequest& request) const { session.answer(session.groups().describe(request)); }
    void operator()(kafka_protocol::ListGroupsRequest& request) const { session.answer(session.groups().list(request)); }
    void operator()(kafka_protocol::DeleteGroupsRequest& request) const {
        session.groups().remove(request, later<kafka_protocol::DeleteGroupsResponse>());
    }
};

void Session::serve(kafka_protocol::Request& request) {
    if (arrival_.is_operator) {
        core_.watch.look();  // `tenter consumer` asks, so that its change is taken
    } else if (is_authenticated() && known() == nullptr) {
        return close_now("consumer \"" + login_->name + "\" was removed");
    }
    std::visit(Serve{*this}, request.body);
}

GroupRequests Session::groups() const {
    groups::Caller caller{.consumer = std::string(consumer()),
                          .connection = id_,
                          .version = version_,
                          .client_id = client_id_,
                          .client_host = "/" + (arrival_.is_operator ? "operator" : arrival_.peer)};
    return GroupRequests({.coordinator = core_.coordinator,
                          .event_log = core_.event_log,
                          .view = view(),
                          .registry = core_.watch.registry(),
                          .caller = std::move(caller),
                          .is_operator = arrival_.is_operator,
                          .damage = core_.damage});
}

void Session::produce(const kafka_protocol::ProduceRequest& request) {
    constexpr std::int16_t wants_no_answer = 0;
    const std::string who = arrival_.is_operator ? "the operator" : "consumer \"" + login_->name + "\"";
    // Kafka's way to say no to somebody who does not listen.
    if (request.acks == wants_no_answer) return close_now(who + " produces, which nobody may");
    core_.notice(arrival_.peer + ": " + who + " produces, which nobody may");
    kafka_protocol::ProduceResponse response;
    for (const auto& topic : request.topic_data) {
        auto& told = response.responses.emplace_back();
        told.name = topic.name;
        const auto error =
            view().find(topic.name) != nullptr ? ErrorCode::topic_authorization_failed : ErrorCode::unknown_topic_or_partition;
        for (const auto& partition : topic.partition_data)
            told.partition_responses.push_back({.index = partition.index, .error_code = error, .base_offset = -1});
    }
    answer(response);
}

void Session::fetch(const kafka_protocol::FetchRequest& request) {
    // Sessions are declined: whoever asks for one is told that it has none, and whoever goes on with one has another broker's.
    const bool is_full = request.session_epoch == 0 || request.session_epoch == -1;
    if (!is_full) return answer(FetchResponse{.error_code = ErrorCode::fetch_session_id_not_found});
    std::size_t partitions = 0;
    for (const auto& topic : request.topics) partitions += topic.partitions.size();
    if (partitions > core_.options.limits.fetch_partitions) return close_now("Fetch of " + std::to_string(partitions) + " partitions");
    fetch_ = std::make_unique<Fetch>(core_.fetches, request, view(), use_->account, fetches_++,
                                     [this](const FetchResponse& response) { answer(response); });
    fetch_->begin();
}

}  // namespace tenter::broker

#pragma once
// gateway/kafka_protocol/messages.hpp: every request with its answer, in one list, so that whatever is to be done for all of them is
// written once.

#include <variant>

#include "gateway/kafka_protocol/messages_cluster.hpp"
#include "gateway/kafka_protocol/messages_fetch.hpp"
#include "gateway/kafka_protocol/messages_group.hpp"
#include "gateway/kafka_protocol/messages_header.hpp"
#include "gateway/kafka_protocol/messages_offsets.hpp"

namespace tenter::kafka_protocol {

/// A request and what it is answered with.
template <class RequestType, class ResponseType>
struct Exchange {
    using Request = RequestType;
    using Response = ResponseType;
    static_assert(Request::api_key == Response::api_key);
};

template <class... Exchanges>
struct ExchangeList {
    using AnyRequest = std::variant<typename Exchanges::Request...>;

    /// Calls `each.template operator()<Request, Response>()` for every exchange, until one returns true. Whether one did.
    template <class Each>
    static constexpr bool find(Each each) {
        return (each.template operator()<typename Exchanges::Request, typename Exchanges::Response>() || ...);
    }
};

using AllExchanges =
    ExchangeList<Exchange<ProduceRequest, ProduceResponse>, Exchange<FetchRequest, FetchResponse>,
                 Exchange<ListOffsetsRequest, ListOffsetsResponse>, Exchange<MetadataRequest, MetadataResponse>,
                 Exchange<OffsetCommitRequest, OffsetCommitResponse>, Exchange<OffsetFetchRequest, OffsetFetchResponse>,
                 Exchange<FindCoordinatorRequest, FindCoordinatorResponse>, Exchange<JoinGroupRequest, JoinGroupResponse>,
                 Exchange<HeartbeatRequest, HeartbeatResponse>, Exchange<LeaveGroupRequest, LeaveGroupResponse>,
                 Exchange<SyncGroupRequest, SyncGroupResponse>, Exchange<DescribeGroupsRequest, DescribeGroupsResponse>,
                 Exchange<ListGroupsRequest, ListGroupsResponse>, Exchange<SaslHandshakeRequest, SaslHandshakeResponse>,
                 Exchange<ApiVersionsRequest, ApiVersionsResponse>, Exchange<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>,
                 Exchange<DescribeConfigsRequest, DescribeConfigsResponse>, Exchange<SaslAuthenticateRequest, SaslAuthenticateResponse>,
                 Exchange<DeleteGroupsRequest, DeleteGroupsResponse>, Exchange<DescribeClusterRequest, DescribeClusterResponse>>;

/// A decoded request of any kind: `std::visit`.
using AnyRequest = AllExchanges::AnyRequest;

}  // namespace tenter::kafka_protocol

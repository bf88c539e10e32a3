#pragma once
// gateway/ingest/ordering_key.hpp: which records must keep their order, by the source's rule (`key` in tenter.toml).

#include <optional>
#include <string>

#include "gateway/config/config.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/receive/receiver.hpp"

namespace tenter::ingest {

/// The record's key, or nothing where the rule finds none: then the record is spread over the partitions.
///   cloudevents      `partitionkey`, else `subject`
///   elytra           "<object type>:<object id>", from data.objectType / data.objectId, else those of data.objectData (also .type / .id)
///   header:NAME      the header's first value
///   json:/pointer    the scalar at that place of the body (RFC 6901); for a CloudEvents batch, of the element
[[nodiscard]] std::optional<std::string> ordering_key(const config::KeyRule& rule, const HttpRequestView& request,
                                                      const receive::ReceivedEvent& event);

}  // namespace tenter::ingest

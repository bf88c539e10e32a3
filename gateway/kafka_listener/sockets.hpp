#pragma once
// gateway/kafka_listener/sockets.hpp: the sockets that are listened on, and who is at the other end of one that was accepted.
// Private to this room.

#include <string>

#include "gateway/broker/client.hpp"
#include "gateway/kafka_listener/descriptor.hpp"
#include "tenter/base/result.hpp"

namespace tenter::kafka_listener {

struct ListeningSocket {
    Descriptor descriptor;
    broker::Endpoint endpoint;  ///< With the port that was given.
};

/// Listens on a numeric address; port 0 takes a free one. `unavailable` names an address that is in use, `invalid_input` one that is none.
[[nodiscard]] Result<ListeningSocket> listen_on(const broker::Endpoint& endpoint);

/// Listens on `<folder>/control.sock`, for this user only, in place of one that another gateway has left.
[[nodiscard]] Result<Descriptor> listen_for_operator(const std::string& folder);
/// Removes `<folder>/control.sock`.
void remove_operator_socket(const std::string& folder) noexcept;
/// Whether the process at the other end is this user's, or root's.
[[nodiscard]] bool is_own_user(int socket);

/// Accepts without waiting; the descriptor is empty when nobody waits or (`errno` says so) it failed.
[[nodiscard]] Descriptor accept_one(int listening);

/// What a TCP connection that waits on others' behalf should be like: small answers leave at once, and no more than is needed to keep the
/// network busy waits in the kernel for a client that does not read.
void set_manners(int socket) noexcept;
[[nodiscard]] broker::Endpoint peer_of(int socket);     ///< Numeric.
[[nodiscard]] broker::Endpoint reached_by(int socket);  ///< Our side, numeric.

}  // namespace tenter::kafka_listener

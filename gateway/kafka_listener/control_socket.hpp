#pragma once
// gateway/kafka_listener/control_socket.hpp: the way to a running gateway for commands on the same machine: Kafka requests over a Unix
// socket in the data folder, without TLS and without a password, for whoever may read the folder.

#include <string>

#include "tenter/base/result.hpp"

namespace tenter::kafka_listener {

inline constexpr const char* control_socket_name = "control.sock";

/// Connects to `<data_folder>/control.sock`, however long that path is; the caller owns the descriptor, which waits when read and written.
/// `not_found`: no gateway runs on this folder.
[[nodiscard]] Result<int> connect_to_gateway(const std::string& data_folder);

}  // namespace tenter::kafka_listener

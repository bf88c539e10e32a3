#pragma once
// cli/operator_link.hpp: a command's connection to the gateway that runs on a data folder: Kafka's requests in plain text over the socket
// `control.sock` in it, which only the folder's owner can reach. It sees every source and every group, as "<consumer>/<group>".

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/kafka_protocol/codec.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::cli {

inline constexpr std::string_view operator_socket_name = "control.sock";

/// One request at a time; belongs to one thread. After a failed `ask` it is of no more use.
class OperatorLink {
public:
    /// `not_found`: no gateway runs on that folder, or one that serves no consumers; `unavailable`: one runs and does not answer.
    [[nodiscard]] static Result<OperatorLink> connect(const std::string& data_folder,
                                                      std::chrono::milliseconds timeout = std::chrono::seconds(5));
    OperatorLink(OperatorLink&&) noexcept;
    OperatorLink& operator=(OperatorLink&&) noexcept;
    ~OperatorLink();

    /// Asks in the newest version that is offered, and waits at most `timeout` for the whole answer. `unavailable` where it does not come,
    /// `invalid_input` where it is none.
    template <class ResponseType, class RequestType>
    [[nodiscard]] Result<ResponseType> ask(const RequestType& request, std::chrono::milliseconds timeout = std::chrono::seconds(15)) {
        const std::int16_t version = kafka_protocol::find_api(RequestType::api_key)->offered.last;
        const auto frame = kafka_protocol::encode_request(header(version), request);
        if (!frame) return fail(frame.error());
        const auto answer = exchange(frame->joined(), timeout);
        if (!answer) return fail(answer.error());
        auto response = kafka_protocol::decode_response<ResponseType>(*answer, version);
        if (!response) return fail(std::move(response.error()));
        if (response->correlation_id != correlation_id_) return fail(Errc::invalid_input, "the gateway answered another request");
        return std::move(response->body);
    }

private:
    class Socket;

    explicit OperatorLink(std::unique_ptr<Socket> socket);
    [[nodiscard]] kafka_protocol::RequestHeader header(std::int16_t version);
    /// The answer without its size.
    [[nodiscard]] Result<Bytes> exchange(BytesView frame, std::chrono::milliseconds timeout);

    std::unique_ptr<Socket> socket_;
    std::int32_t correlation_id_ = 0;
};

}  // namespace tenter::cli

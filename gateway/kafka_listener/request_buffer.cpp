#include "gateway/kafka_listener/request_buffer.hpp"

#include <cstdint>

#include "tenter/base/assert.hpp"

namespace tenter::kafka_listener {
namespace {

constexpr std::size_t size_bytes = 4;

std::int32_t read_size(BytesView bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size_bytes; ++i) value = value << 8U | static_cast<unsigned char>(bytes[i]);
    return static_cast<std::int32_t>(value);
}

}  // namespace

Result<std::optional<BytesView>> RequestBuffer::next(std::size_t max_bytes) const {
    const BytesView rest = BytesView(bytes_).substr(begin_);
    if (rest.size() < size_bytes) return std::optional<BytesView>();
    const std::int32_t announced = read_size(rest);
    if (announced <= 0) return fail(Errc::invalid_input, "a request of " + std::to_string(announced) + " bytes");
    const auto length = static_cast<std::size_t>(announced);
    if (length > max_bytes)
        return fail(Errc::too_large,
                    "a request of " + std::to_string(length) + " bytes, at most " + std::to_string(max_bytes) + " are taken");
    if (rest.size() - size_bytes < length) return std::optional<BytesView>();
    return std::optional(rest.substr(size_bytes, length));
}

void RequestBuffer::consume(BytesView request) {
    TENTER_ASSERT(request.size() + size_bytes <= size());
    begin_ += size_bytes + request.size();
    if (begin_ == bytes_.size()) {
        bytes_ = std::string();
        begin_ = 0;
    } else if (begin_ > bytes_.size() / 2) {  // what is moved is less than what was taken: each byte moves once at most on average
        bytes_.erase(0, begin_);
        begin_ = 0;
    }
}

}  // namespace tenter::kafka_listener

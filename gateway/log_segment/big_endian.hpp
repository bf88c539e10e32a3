#pragma once
// gateway/log_segment/big_endian.hpp: integers in the log's own files: big-endian, as in Kafka's.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "tenter/base/bytes.hpp"

namespace tenter::log {

template <class T>
[[nodiscard]] T load_big_endian(const char* from) noexcept {
    std::make_unsigned_t<T> raw{};
    std::memcpy(&raw, from, sizeof raw);
    if constexpr (std::endian::native == std::endian::little) raw = std::byteswap(raw);
    return static_cast<T>(raw);
}

template <class T>
void store_big_endian(char* to, T value) noexcept {
    auto raw = static_cast<std::make_unsigned_t<T>>(value);
    if constexpr (std::endian::native == std::endian::little) raw = std::byteswap(raw);
    std::memcpy(to, &raw, sizeof raw);
}

template <class T>
void append_big_endian(Bytes& out, T value) {
    char raw[sizeof(T)];
    store_big_endian(raw, value);
    out.append(raw, sizeof raw);
}

/// Takes integers and bytes off the front of a view; once something is missing it stays `failed()` and yields zeros.
class BigEndianReader {
public:
    explicit BigEndianReader(BytesView bytes) : rest_(bytes) {}

    template <class T>
    [[nodiscard]] T take() noexcept {
        const BytesView raw = take_bytes(sizeof(T));
        return failed_ ? T{} : load_big_endian<T>(raw.data());
    }
    [[nodiscard]] BytesView take_bytes(std::size_t size) noexcept {
        if (failed_ || size > rest_.size()) {
            failed_ = true;
            return {};
        }
        const BytesView taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    [[nodiscard]] bool failed() const noexcept { return failed_; }
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

private:
    BytesView rest_;
    bool failed_ = false;
};

}  // namespace tenter::log

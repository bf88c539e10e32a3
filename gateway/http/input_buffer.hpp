#pragma once
// gateway/http/input_buffer.hpp: what has arrived on a connection and is not done with, in one piece.
//
//   | done with |  view()  |  free  |
//   0         begin_     end_    capacity_

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace tenter::http {

/// Belongs to one thread. Views die with the next `prepare`, `consume` or `remove`.
class InputBuffer {
public:
    static constexpr std::size_t initial_bytes = 8 * 1024;  ///< Holds a usual webhook whole.
    static constexpr std::size_t least_room_bytes = 2 * 1024;
    static constexpr std::size_t kept_bytes = 64 * 1024;  ///< An idle connection holds no more than this.

    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.get() + begin_, end_ - begin_}; }
    [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
    [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

    /// Room to read into, at least `least_room_bytes`. Grows by doubling what has really arrived, never by what a sender announces.
    [[nodiscard]] std::span<char> prepare() {
        if (capacity_ - end_ < least_room_bytes) move_to_front();
        if (capacity_ - end_ < least_room_bytes) reallocate(capacity_ == 0 ? initial_bytes : capacity_ * 2);
        return {bytes_.get() + end_, capacity_ - end_};
    }
    /// `bytes` of the prepared room have been filled.
    void commit(std::size_t bytes) noexcept { end_ += bytes; }

    /// Drops `bytes` from the front.
    void consume(std::size_t bytes) noexcept {
        begin_ += bytes;
        if (begin_ != end_) return;
        begin_ = end_ = 0;
        if (capacity_ > kept_bytes) release();
    }
    /// Drops `bytes` at `position`, counted from the front: decoded chunks behind a head that is still needed.
    void remove(std::size_t position, std::size_t bytes) noexcept {
        char* const at = bytes_.get() + begin_ + position;
        std::memmove(at, at + bytes, size() - position - bytes);
        end_ -= bytes;
    }

private:
    void move_to_front() noexcept {
        if (begin_ == 0) return;
        std::memmove(bytes_.get(), bytes_.get() + begin_, size());
        end_ -= begin_;
        begin_ = 0;
    }
    void reallocate(std::size_t capacity) {
        auto grown = std::make_unique_for_overwrite<char[]>(capacity);
        if (!empty()) std::memcpy(grown.get(), bytes_.get() + begin_, size());
        end_ -= begin_;
        begin_ = 0;
        bytes_ = std::move(grown);
        capacity_ = capacity;
    }
    void release() noexcept {
        bytes_.reset();
        capacity_ = 0;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace tenter::http

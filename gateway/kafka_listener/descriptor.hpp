#pragma once
// gateway/kafka_listener/descriptor.hpp: a file descriptor with an owner. Private to this room.

#include <utility>

#include <unistd.h>

namespace tenter::kafka_listener {

/// Closes itself. Movable; -1: none.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int value) noexcept : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        const Descriptor old(std::exchange(value_, std::exchange(other.value_, -1)));
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }

    [[nodiscard]] int get() const noexcept { return value_; }
    [[nodiscard]] explicit operator bool() const noexcept { return value_ >= 0; }
    void reset() noexcept { *this = Descriptor(); }

private:
    int value_ = -1;
};

}  // namespace tenter::kafka_listener

#pragma once
// tenter/base/secret.hpp: a value that must never be printed.

#include <string>
#include <utility>

#include "tenter/base/bytes.hpp"
#include "tenter/base/constant_time.hpp"

namespace tenter {

/// Holds a password, token or key. There is no conversion to text and no output operator: who needs the bytes says `reveal()`.
/// Overwrites its memory when destroyed.
class Secret {
public:
    Secret() = default;
    explicit Secret(Bytes value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret(Secret&&) noexcept = default;
    Secret& operator=(const Secret&) = default;
    Secret& operator=(Secret&&) noexcept = default;
    ~Secret();

    [[nodiscard]] BytesView reveal() const noexcept { return value_; }
    [[nodiscard]] bool empty() const noexcept { return value_.empty(); }
    /// Takes the time that the lengths need, whatever the content.
    friend bool operator==(const Secret& a, const Secret& b) noexcept { return constant_time_equal(a.value_, b.value_); }

private:
    Bytes value_;
};

}  // namespace tenter

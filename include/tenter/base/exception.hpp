#pragma once
// tenter/base/exception.hpp: for the functions that throw because users of the Python packages expect it. Each has a `try_` twin that
// returns a Result with the same Error.

#include <stdexcept>
#include <type_traits>
#include <utility>

#include "tenter/base/result.hpp"

namespace tenter {

/// An Error, thrown. `what()` is its message.
class Exception : public std::runtime_error {
public:
    explicit Exception(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}

    [[nodiscard]] const Error& error() const noexcept { return error_; }
    [[nodiscard]] Errc code() const noexcept { return error_.code; }

private:
    Error error_;
};

/// What the Result holds, or its Error thrown as E.
template <class E = Exception, class T>
T value_or_throw(Result<T> result) {
    if (!result) throw E(std::move(result.error()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace tenter

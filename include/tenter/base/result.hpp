#pragma once
// tenter/base/result.hpp: how every room says that something that can be expected to fail has failed.
//
//   Result<Offset> r = ...;
//   if (!r) return fail(std::move(r.error()).within("topic \"orders\""));
//
// The code tells the caller what to do; the message is for people: it names the field and the byte offset, and never holds a secret.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace tenter {

/// What the caller should do about a failure. HTTP statuses are those that the gateway answers.
enum class Errc : std::uint8_t {
    invalid_input,    ///< The bytes are wrong; trying again cannot help. 400
    unauthenticated,  ///< Not proven. 401
    not_found,        ///< No such thing (source, topic, file). 404
    too_large,        ///< Over a stated limit. 413
    unavailable,      ///< The other side, or the disk, is down; back off. 503
    overloaded,       ///< Our own limit (queue full, disk reserve reached); back off. 429 or 503
    corrupt,          ///< Stored bytes fail their checksum; stop, tell a person.
    unsupported,      ///< Well-formed, but of a version or kind that is not served here.
};

/// The code's name as it appears in answers and logs: "invalid_input".
[[nodiscard]] std::string_view to_string(Errc code) noexcept;

/// A failure. Value type.
struct Error {
    Errc code = Errc::invalid_input;
    std::string message;
    int os_error = 0;  ///< errno of the system call that failed; 0 if none did.

    /// The same failure with its place put in front: "place: message".
    [[nodiscard]] Error within(std::string_view place) &&;
};

template <class T>
using Result = std::expected<T, Error>;

/// `return fail(Errc::too_large, "body over 1 MiB");`
[[nodiscard]] inline std::unexpected<Error> fail(Errc code, std::string message, int os_error = 0) {
    return std::unexpected<Error>(Error{code, std::move(message), os_error});
}

/// Hands an error on: `if (!r) return fail(std::move(r.error()));`
[[nodiscard]] inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }

}  // namespace tenter

#pragma once
// src/auth/signature_header.hpp: what stands in a signature header.
//
//   sha256=<hex>                     signature_format
//   v1,<base64> v1a,<base64>         signature_list, each in signature_format (or another version's, which is skipped)
//   t=1,v1=<hex>,v1=<hex>,v0=<hex>   signature_pairs

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/auth/scheme.hpp"

namespace tenter::auth {

/// More in one header are refused: each costs a comparison, and with public keys a real computation.
inline constexpr std::size_t max_signatures = 16;

/// Text around `{signature}`.
struct SignatureAffixes {
    std::string prefix;
    std::string suffix;

    /// The signature within `text`, or nothing if it has another form.
    [[nodiscard]] std::optional<std::string_view> strip(std::string_view text) const noexcept;
    friend bool operator==(const SignatureAffixes&, const SignatureAffixes&) = default;
};
/// `invalid_input` unless `{signature}` occurs exactly once.
[[nodiscard]] Result<SignatureAffixes> compile_signature_format(std::string_view format);

/// Views into the header's value.
struct SignatureHeader {
    std::vector<std::string_view> signatures;  ///< Each still in `signature_format`; at most `max_signatures`.
    std::string_view timestamp;                ///< From `timestamp_key`; empty where there is none.
};
/// `unauthenticated` for a part without '=', two timestamps, no signature, or too many. `value` is not empty.
[[nodiscard]] Result<SignatureHeader> parse_signature_header(std::string_view value, const SignatureScheme& scheme);

/// Those of `signatures` that have this form and decode; the others may be another version's, or of a key that is not ours.
[[nodiscard]] std::vector<Bytes> decode_signatures(const std::vector<std::string_view>& signatures, const SignatureAffixes& affixes,
                                                   SignatureEncoding encoding);

}  // namespace tenter::auth

#pragma once
// gateway/consumers/consumer.hpp: who may read the log over the Kafka protocol, and how a secret proves that it is them.
//
// A secret is 256 random bits that Tenter made, never a password that somebody thought of. So one SHA-256 is enough: what slow hashes are
// for, guessing what people choose, has nothing to guess here, and a login costs a microsecond.
//
//   secret  43 characters, base64url of 32 random bytes    shown once, in the connection profile
//   stored  salt (16 random bytes), SHA-256(salt || secret as shown)

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/random.hpp"
#include "tenter/base/secret.hpp"
#include "tenter/base/uuid.hpp"

namespace tenter::consumers {

/// A name is 1 to this many of [A-Za-z0-9._-]: it is user, group and part of file names, and '/' stands between consumer and group.
inline constexpr std::size_t max_name_length = 100;
/// While a secret is rotated the one before it stays valid; never more.
inline constexpr std::size_t max_secrets = 2;
inline constexpr std::size_t max_sources = 1'000;

[[nodiscard]] bool is_consumer_name(std::string_view name) noexcept;

/// 256 random bits as 43 characters that need no quoting anywhere.
[[nodiscard]] Secret make_secret(Random& random);

/// What is kept of a secret. The secret itself cannot be had from it.
struct StoredSecret {
    using Salt = std::array<std::uint8_t, 16>;
    using Digest = std::array<std::uint8_t, 32>;

    Salt salt{};
    Digest digest{};
    std::optional<UnixMillis> valid_until{};  ///< Proves nothing from this time on; unset: proves until it is rotated away.

    [[nodiscard]] static StoredSecret of(const Secret& secret, Random& random);
    [[nodiscard]] bool is_valid(UnixMillis now) const noexcept { return !valid_until || now < *valid_until; }

    friend bool operator==(const StoredSecret&, const StoredSecret&) = default;
};

/// One who may read. Value type.
struct Consumer {
    std::string name;
    Uuid id{};                            ///< Of this making of it: removed and added again, a consumer of the same name has another.
    std::vector<std::string> sources{};   ///< Names of sources, and of dead-letter topics ("<source>.dead"), without topic_prefix; sorted.
    std::vector<StoredSecret> secrets{};  ///< The newest first; 1 to `max_secrets`.
    UnixMillis created_at{};
    /// Where its own group, of its name, begins: for each source an offset for each partition. A partition that is not named begins at the
    /// start of the log.
    std::map<std::string, std::vector<std::int64_t>> start_offsets{};
    /// Nobody has yet given its group the start offsets: whoever does (the gateway) lets it in only then.
    bool is_new = true;

    [[nodiscard]] bool may_read(std::string_view source) const noexcept;
    /// With a new secret in front. What was the newest stays valid for `keep` from `now` on, or until it would have ended anyway; at 0 only
    /// the new one is left.
    [[nodiscard]] Consumer rotated(StoredSecret secret, UnixMillis now, std::chrono::milliseconds keep) const;

    friend bool operator==(const Consumer&, const Consumer&) = default;
};

/// The digest of the stored secret that `secret` is, if it is one that is valid at `now`. Takes the same time for a consumer that does not
/// exist (null), one of one secret or two, and wrong secrets.
[[nodiscard]] std::optional<StoredSecret::Digest> proven_by(const Consumer* consumer, BytesView secret, UnixMillis now);
/// Whether `secret` is one of the consumer's, in the same constant time. Null: nobody's.
[[nodiscard]] bool proves(const Consumer* consumer, BytesView secret, UnixMillis now);

/// Whether who was let in as the consumer `id` by the secret of `digest` may stay: neither the consumer was removed (or made anew), nor the
/// secret rotated away or over. Null: may not.
[[nodiscard]] bool still_admits(const Consumer* consumer, const Uuid& id, const StoredSecret::Digest& digest, UnixMillis now) noexcept;

}  // namespace tenter::consumers

#include "gateway/consumers/consumer.hpp"

#include <algorithm>
#include <memory>

#include <openssl/evp.h>

#include "tenter/base/assert.hpp"
#include "tenter/base/constant_time.hpp"
#include "tenter/base/encoding.hpp"

namespace tenter::consumers {
namespace {

constexpr std::size_t secret_bytes = 32;

bool is_name_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

template <std::size_t size>
BytesView view(const std::array<std::uint8_t, size>& bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

StoredSecret::Digest digest_of(const StoredSecret::Salt& salt, BytesView secret) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    StoredSecret::Digest digest{};
    unsigned size = 0;
    const bool done = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1 &&
                      EVP_DigestUpdate(context.get(), salt.data(), salt.size()) == 1 &&
                      EVP_DigestUpdate(context.get(), secret.data(), secret.size()) == 1 &&
                      EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1;
    TENTER_ASSERT(done && size == digest.size());  // SHA-256 fails only without memory
    return digest;
}

/// One pass over as many secrets as anybody can have, so that its time tells neither whether the consumer exists nor how many it has.
const StoredSecret* proving(const Consumer* consumer, BytesView secret, UnixMillis now) {
    static const StoredSecret nobodys{};
    const StoredSecret* found = nullptr;
    for (std::size_t i = 0; i < max_secrets; ++i) {
        const bool exists = consumer != nullptr && i < consumer->secrets.size();
        const StoredSecret& stored = exists ? consumer->secrets[i] : nobodys;
        const StoredSecret::Digest digest = digest_of(stored.salt, secret);
        const bool is_equal = constant_time_equal(view(digest), view(stored.digest));
        if (is_equal && exists && stored.is_valid(now) && found == nullptr) found = &stored;
    }
    return found;
}

}  // namespace

bool is_consumer_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= max_name_length && std::ranges::all_of(name, is_name_character);
}

Secret make_secret(Random& random) {
    Bytes bytes(secret_bytes, '\0');
    random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    const Secret raw(std::move(bytes));  // overwritten in the end
    return Secret(base64_encode(raw.reveal(), Base64Alphabet::url, Base64Padding::forbidden));
}

StoredSecret StoredSecret::of(const Secret& secret, Random& random) {
    StoredSecret stored;
    random.fill(stored.salt);
    stored.digest = digest_of(stored.salt, secret.reveal());
    return stored;
}

bool Consumer::may_read(std::string_view source) const noexcept { return std::ranges::find(sources, source) != sources.end(); }

Consumer Consumer::rotated(StoredSecret secret, UnixMillis now, std::chrono::milliseconds keep) const {
    Consumer after = *this;
    after.secrets.assign(1, std::move(secret));
    if (keep <= std::chrono::milliseconds::zero() || secrets.empty() || !secrets.front().is_valid(now)) return after;
    StoredSecret& before = after.secrets.emplace_back(secrets.front());
    const UnixMillis end = now + keep;
    before.valid_until = before.valid_until ? std::min(*before.valid_until, end) : end;
    return after;
}

std::optional<StoredSecret::Digest> proven_by(const Consumer* consumer, BytesView secret, UnixMillis now) {
    const StoredSecret* const stored = proving(consumer, secret, now);
    return stored == nullptr ? std::nullopt : std::optional(stored->digest);
}

bool proves(const Consumer* consumer, BytesView secret, UnixMillis now) { return proving(consumer, secret, now) != nullptr; }

bool still_admits(const Consumer* consumer, const Uuid& id, const StoredSecret::Digest& digest, UnixMillis now) noexcept {
    if (consumer == nullptr || consumer->id != id) return false;
    return std::ranges::any_of(consumer->secrets,
                               [&](const StoredSecret& stored) { return stored.digest == digest && stored.is_valid(now); });
}

}  // namespace tenter::consumers

#include "src/auth/digest_set.hpp"

#include <array>
#include <utility>

#include "tenter/base/random.hpp"

namespace tenter::auth {
namespace {

Secret random_key() {
    std::array<std::uint8_t, 32> bytes{};
    SystemRandom().fill(bytes);
    return Secret(Bytes(bytes.begin(), bytes.end()));
}

}  // namespace

Result<DigestSet> DigestSet::make(const std::vector<Secret>& accepted) {
    auto key = make_signature_key({.algorithm = Algorithm::hmac_sha256, .form = KeyForm::symmetric, .bytes = random_key()});
    if (!key) return fail(std::move(key.error()));
    DigestSet set;
    set.key_ = std::move(*key);
    for (const auto& value : accepted) {
        const BytesView text = value.reveal();
        auto digest = set.key_->sign({&text, 1});
        if (!digest) return fail(std::move(digest.error()));
        set.digests_.push_back(std::move(*digest));
    }
    return set;
}

bool DigestSet::contains(BytesView guess) const { return key_->accepts({&guess, 1}, digests_); }

}  // namespace tenter::auth

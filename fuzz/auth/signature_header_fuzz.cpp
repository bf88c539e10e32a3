// Input: first byte chooses the layout, the rest is the header's value. Whatever is parsed must be views into it, and signing must lead
// back: a request that carries a parsed header never passes a verifier whose secret the fuzzer does not know.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "src/auth/signature_header.hpp"

namespace {

using namespace tenter;
using namespace tenter::auth;

constexpr std::string_view names[] = {"standard-webhooks", "github", "stripe", "shopify", "slack"};

struct Target {
    SignatureScheme scheme;
    SignatureAffixes affixes;
    std::unique_ptr<Verifier> verifier;
};

Target make_target(std::string_view name) {
    Target target{.scheme = *find_scheme(name), .affixes = {}, .verifier = {}};
    target.affixes = *compile_signature_format(target.scheme.signature_format);
    target.verifier = std::move(*make_signature_verifier(target.scheme, {Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}));
    return target;
}

const std::vector<Target>& targets() {
    static const auto made = [] {
        std::vector<Target> all;
        for (const auto name : names) all.push_back(make_target(name));
        return all;
    }();
    return made;
}

void require(bool condition) {
    if (!condition) std::abort();
}

void check_views(const SignatureHeader& header, std::string_view value) {
    require(!header.signatures.empty() && header.signatures.size() <= max_signatures);
    for (const auto signature : header.signatures)
        require(signature.data() >= value.data() && signature.data() + signature.size() <= value.data() + value.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const Target& target = targets()[data[0] % targets().size()];
    const std::string_view value(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (const auto header = parse_signature_header(value, target.scheme)) {
        check_views(*header, value);
        require(decode_signatures(header->signatures, target.affixes, target.scheme.signature_encoding).size() <=
                header->signatures.size());
    }
    const std::vector<HeaderView> headers{
        {target.scheme.signature_header, value}, {"webhook-id", "id"}, {"webhook-timestamp", "0"}, {"X-Slack-Request-Timestamp", "0"}};
    const auto verified = target.verifier->verify({"POST", "/", headers, "body", ""}, UnixMillis{});
    require(!verified.has_value() && verified.error().code == Errc::unauthenticated);
    return 0;
}

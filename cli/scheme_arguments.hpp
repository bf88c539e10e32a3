#pragma once
// cli/scheme_arguments.hpp: one scheme, its secrets and one request, as `tenter verify` and `tenter sign` take them. The options are named
// as the keys of `[source.verify]`.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tenter/auth/scheme.hpp"
#include "tenter/auth/verifier.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"
#include "tenter/base/secret.hpp"

namespace tenter::cli {

/// As given; empty and unset mean the scheme's own.
struct SchemeArguments {
    std::string scheme;
    std::vector<std::string> secrets;  ///< A text, "@FILE" or "env:NAME".
    std::string username;              ///< basic
    std::string header_name;           ///< api-key
    std::optional<std::string> algorithm, secret_encoding, signature_header, signature_encoding, signature_format, signature_list;
    std::optional<std::string> signature_pairs;  ///< "SEP:SIGKEY:TSKEY", Stripe's ",:v1:t"
    std::optional<std::string> timestamp_header, timestamp_unit, id_header, signed_template;
    std::optional<std::int64_t> tolerance_seconds;
};

struct RequestArguments {
    std::string method = "POST";
    std::string url = "/";             ///< Path and query, or a whole URL.
    std::vector<std::string> headers;  ///< "Name: value"
    std::string body;                  ///< The content, read already.
};

/// A request that owns its text.
class RequestText {
public:
    /// `invalid_input` for a header without a colon and a URL without a path.
    [[nodiscard]] static Result<RequestText> make(RequestArguments arguments);
    [[nodiscard]] HttpRequestView view() const;

private:
    RequestArguments arguments_;
    std::vector<Header> headers_;
    mutable std::vector<HeaderView> views_;
    std::string origin_, target_;
};

/// The secret that "@FILE", "env:NAME" or any other text means. Errors never hold the text itself.
[[nodiscard]] Result<Secret> read_secret_argument(const std::string& argument);

/// The verifier that accepts any of the secrets. Errors are of usage: an unknown scheme or word, an unusable secret.
[[nodiscard]] Result<std::unique_ptr<auth::Verifier>> verifier_of(const SchemeArguments& arguments);

/// What the other side would send: headers in order. With several secrets the signatures of all, where the scheme's header lists them.
[[nodiscard]] Result<std::vector<Header>> headers_of(const SchemeArguments& arguments, const HttpRequestView& request, std::string_view id,
                                                     UnixMillis timestamp);

}  // namespace tenter::cli

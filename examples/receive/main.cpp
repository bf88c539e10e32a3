// No framework at all: proves one webhook of GitHub and reads one event of Elytra, given as text.
#include <cstdio>
#include <string_view>
#include <vector>

#include <tenter/auth/scheme.hpp>
#include <tenter/receive/webhook_validator.hpp>

int main() {
    using namespace tenter;

    // GitHub's own example of a signed delivery.
    const receive::WebhookValidator github(
        value_or_throw(auth::make_signature_verifier(*auth::find_scheme("github"), {Secret("It's a Secret to Everybody")})));
    const std::vector<HeaderView> headers{
        {"X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}};
    std::printf("right: %s\n", github.try_validate("Hello, World!", headers) ? "proven" : "refused");
    std::printf("altered: %s\n", github.try_validate("Hello, World?", headers) ? "proven" : "refused");

    constexpr std::string_view payload =
        R"({"specversion":"1.0","id":"1","source":"elytra-pim","type":"com.elytra.product","operation":"add","data":{"objectId":7}})";
    try {
        const elytra::CloudEvent event = receive::WebhookValidator::parse(payload);
        std::printf("%s %s\n", event.type.c_str(), event.get_object_id().value_or("?").c_str());
    } catch (const receive::WebhookValidationError& error) {
        std::printf("%s\n", error.what());
    }
}

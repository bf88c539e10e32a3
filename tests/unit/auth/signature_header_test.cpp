#include "src/auth/signature_header.hpp"

#include "src/auth/credential_parsing.hpp"
#include "tests/unit/auth/auth_testing.hpp"

namespace tenter::auth::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

SignatureScheme listed(std::string separator) {
    SignatureScheme scheme;
    scheme.signature_header = "X-Signature";
    scheme.signature_list = std::move(separator);
    return scheme;
}

SignatureScheme paired(std::string separator, std::string timestamp_key) {
    SignatureScheme scheme;
    scheme.signature_header = "X-Signature";
    scheme.signature_pairs =
        SignaturePairs{.separator = std::move(separator), .signature_key = "v1", .timestamp_key = std::move(timestamp_key)};
    return scheme;
}

TEST(SignatureHeader, is_one_signature_where_the_scheme_has_no_list) {
    EXPECT_THAT(parse_signature_header("a b,c=d", listed(""))->signatures, ElementsAre("a b,c=d"));
}

TEST(SignatureHeader, is_split_at_its_separator_without_empty_parts) {
    EXPECT_THAT(parse_signature_header("  a   b ", listed(" "))->signatures, ElementsAre("a", "b"));
    EXPECT_THAT(parse_signature_header("a,,\tb ,c", listed(","))->signatures, ElementsAre("a", "b", "c"));
    EXPECT_THAT(parse_signature_header("a::b:c::", listed("::"))->signatures, ElementsAre("a", "b:c"));
    EXPECT_THAT(parse_signature_header(" , ,", listed(",")).error().message, HasSubstr("X-Signature holds no signature"));
}

TEST(SignatureHeader, of_pairs_keeps_values_with_equals_signs_whole) {
    const auto header = parse_signature_header("t=1; v1=YWI=; v1=; other; ", paired(";", "t"));
    EXPECT_THAT(header.error().message, HasSubstr("without '='"));
    const auto parsed = parse_signature_header("t=1; v1=YWI=; v1=;v2=x;;", paired(";", "t"));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->timestamp, "1");
    EXPECT_THAT(parsed->signatures, ElementsAre("YWI=", ""));
}

TEST(SignatureHeader, of_pairs_without_a_timestamp_key_ignores_what_looks_like_one) {
    const auto parsed = parse_signature_header("t=1,v1=a,t=2,=x", paired(",", ""));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_THAT(parsed->timestamp, IsEmpty());
    EXPECT_THAT(parsed->signatures, ElementsAre("a"));
}

TEST(SignatureFormat, strips_only_what_stands_around_the_signature) {
    const auto affixes = compile_signature_format("<sig {signature}>");
    ASSERT_TRUE(affixes.has_value());
    EXPECT_EQ(affixes->strip("<sig abc>"), "abc");
    EXPECT_EQ(affixes->strip("<sig >"), "");
    for (const auto* other : {"", "<sig", "<sig>", "sig abc", "<sig abc", "<SIG abc>", "<sig abc> "})
        EXPECT_EQ(affixes->strip(other), std::nullopt);
    for (const auto* format : {"", "sha256=", "{signature}{signature}", "{Signature}"})
        EXPECT_THAT(compile_signature_format(format).error().message, HasSubstr("exactly once"));
    // Prefix and suffix must not share bytes of the text.
    EXPECT_EQ(compile_signature_format("aa{signature}aa")->strip("aaa"), std::nullopt);
}

TEST(SignatureFormat, leaves_out_what_does_not_decode) {
    const auto affixes = *compile_signature_format("v1={signature}");
    EXPECT_THAT(decode_signatures({"v1=00ff", "v1=0", "v1=", "v1=zz", "v2=00", "v1=FFee"}, affixes, SignatureEncoding::hex),
                ElementsAre(std::string("\x00\xff", 2), "\xff\xee"));
    EXPECT_THAT(decode_signatures({"v1=YQ==", "v1=YQ", "v1=Y", "v1=YQ=", "v1=YR==", "v1=Y Q="}, affixes, SignatureEncoding::base64),
                ElementsAre("a", "a"));
}

// Goal: no input makes the parsers read out of bounds or answer anything but a result. Method: all strings of up to five letters of an
// alphabet that holds every character with a meaning (ASan watches).
TEST(SignatureHeader, of_any_content_is_parsed_or_refused) {
    constexpr std::string_view alphabet = "v1=, ;t";
    const std::vector<SignatureScheme> schemes{listed(""), listed(" "), listed(","), paired(",", "t"), paired(";", "")};
    const auto affixes = *compile_signature_format("v1,{signature}");
    std::size_t parsed_count = 0;
    std::size_t total = 1;
    for (int length = 1; length <= 5; ++length) {
        total *= alphabet.size();
        for (std::size_t number = 0; number < total; ++number) {
            std::string text;
            for (auto rest = number; text.size() < static_cast<std::size_t>(length); rest /= alphabet.size())
                text += alphabet[rest % alphabet.size()];
            for (const auto& scheme : schemes) {
                const auto header = parse_signature_header(text, scheme);
                if (!header) continue;
                ++parsed_count;
                ASSERT_FALSE(header->signatures.empty());
                const auto decoded = decode_signatures(header->signatures, affixes, SignatureEncoding::hex);
                ASSERT_LE(decoded.size(), header->signatures.size());
            }
        }
    }
    EXPECT_GT(parsed_count, total);
}

TEST(BasicCredentials, of_any_content_are_decoded_or_refused) {
    // printf 'user:pass:word' | base64
    const std::string whole = "Basic dXNlcjpwYXNzOndvcmQ=";
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        const std::string cut(whole, 0, length);
        const auto credentials = parse_authorization(cut, "Basic");
        ASSERT_EQ(credentials.has_value(), length > 6) << length;
        if (!credentials) continue;
        const auto decoded = decode_basic(*credentials);
        EXPECT_THAT("user:pass:word", ::testing::StartsWith(decoded.value_or("")));
    }
    EXPECT_EQ(decode_basic("dXNlcjpwYXNzOndvcmQ").value(), "user:pass:word");
    EXPECT_EQ(decode_basic("Og==").value(), ":");
    EXPECT_THAT(decode_basic("dXNlcg==").error().message, HasSubstr("no colon"));
}

}  // namespace
}  // namespace tenter::auth::testing

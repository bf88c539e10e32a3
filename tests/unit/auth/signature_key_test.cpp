// HMAC itself: RFC 4231 (SHA-256, SHA-512) and RFC 2202 (SHA-1), and keys around one block of the hash by
// `printf ... | openssl dgst -sha256 -mac HMAC -macopt hexkey:aa...`.

#include "src/auth/signature_key.hpp"

#include <gtest/gtest.h>

#include "tenter/base/encoding.hpp"

namespace tenter::auth::testing {
namespace {

std::string hmac_hex(Algorithm algorithm, Bytes key, std::initializer_list<BytesView> pieces) {
    const auto made = make_signature_key({.algorithm = algorithm, .form = KeyForm::symmetric, .bytes = Secret(std::move(key))});
    const std::vector<BytesView> text(pieces);
    return hex_encode((*made)->sign(text).value());
}

TEST(Hmac, makes_the_vectors_of_rfc_4231_and_rfc_2202) {
    const Bytes jefe = "Jefe";
    const BytesView question = "what do ya want for nothing?";
    EXPECT_EQ(hmac_hex(Algorithm::hmac_sha256, jefe, {question}), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(
        hmac_hex(Algorithm::hmac_sha512, jefe, {question}),
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
    EXPECT_EQ(hmac_hex(Algorithm::hmac_sha1, jefe, {question}), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST(Hmac, hashes_keys_that_are_longer_than_a_block) {
    const BytesView text = "Test Using Larger Than Block-Size Key - Hash Key First";
    EXPECT_EQ(hmac_hex(Algorithm::hmac_sha256, Bytes(131, '\xaa'), {text}),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(
        hmac_hex(Algorithm::hmac_sha512, Bytes(131, '\xaa'), {text}),
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
    EXPECT_EQ(hmac_hex(Algorithm::hmac_sha1, Bytes(80, '\xaa'), {text}), "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

TEST(Hmac, fills_keys_up_to_and_including_one_block) {
    const BytesView text = "Test Using Larger Than Block-Size Key - Hash Key First";
    EXPECT_EQ(hmac_hex(Algorithm::hmac_sha256, Bytes(63, '\xaa'), {text}),
              "b9f6d3205603dddcfb871b8132f698f2fc3b0cf9765fed0113231d1e6739d728");
    EXPECT_EQ(hmac_hex(Algorithm::hmac_sha256, Bytes(64, '\xaa'), {text}),
              "84332a7580ed3cf75de83c644c8d2c1c262ad90e0190e5c5ae4b82b2102e8e75");
    EXPECT_EQ(hmac_hex(Algorithm::hmac_sha256, Bytes(65, '\xaa'), {text}),
              "c62955a96944ff68deabbc0eab6192065c1c55bb8ddee16151ed5337f911eab9");
}

TEST(Hmac, does_not_depend_on_how_the_text_is_cut_into_pieces) {
    const BytesView text = "what do ya want for nothing?";
    const auto whole = hmac_hex(Algorithm::hmac_sha256, "Jefe", {text});
    for (std::size_t i = 0; i <= text.size(); ++i)
        EXPECT_EQ(hmac_hex(Algorithm::hmac_sha256, "Jefe", {text.substr(0, i), "", text.substr(i)}), whole) << i;
}

}  // namespace
}  // namespace tenter::auth::testing

#pragma once
// tests/unit/consume/records.hpp: webhooks in their envelopes, for tests.

#include <string>
#include <string_view>
#include <vector>

#include "tenter/base/http_message.hpp"
#include "tenter/envelope/envelope.hpp"

namespace tenter::consume::testing {

inline Bytes envelope_of(BytesView payload, HeaderViews headers = {}, envelope::Method method = envelope::Method::post,
                         envelope::Encoding encoding = envelope::Encoding::json) {
    Bytes out;
    envelope::encode({.method = method, .headers = headers, .payload = payload, .encoding = encoding}, out);
    return out;
}

}  // namespace tenter::consume::testing

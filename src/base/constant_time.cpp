#include "tenter/base/constant_time.hpp"

#include <openssl/crypto.h>

namespace tenter {

bool constant_time_equal(BytesView a, BytesView b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace tenter

#include "tenter/base/secret.hpp"

#include <openssl/crypto.h>

namespace tenter {

Secret::~Secret() { OPENSSL_cleanse(value_.data(), value_.size()); }

}  // namespace tenter

#pragma once
// tenter/base/bytes.hpp: octets, owned and borrowed.
// std::string and string_view carry them, because every neighbour (HTTP, JSON, OpenSSL, files) already speaks these two types; the
// names say that the content is octets and not text.

#include <string>
#include <string_view>

namespace tenter {

using Bytes = std::string;           ///< Owned octets of any value; not necessarily text.
using BytesView = std::string_view;  ///< Borrowed octets; the owner must outlive the view.

}  // namespace tenter

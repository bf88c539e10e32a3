// Input: JSON. A value is made exactly where the text is JSON that a value can hold, and becomes a struct or an error.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "tenter/event/data_as.hpp"
#include "tenter/event/json.hpp"

namespace {

enum class Kind { a, b };
BOOST_DESCRIBE_ENUM(Kind, a, b)

struct Inner {
    std::optional<std::string> s;
    std::vector<double> d;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (s, d))

struct Outer {
    std::int8_t i = 0;
    bool t = false;
    Kind k = Kind::a;
    std::map<std::string, Inner> m;
    boost::json::value v;
};
BOOST_DESCRIBE_STRUCT(Outer, (), (i, t, k, m, v))

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tenter::event;
    const tenter::BytesView text(reinterpret_cast<const char*>(data), size);
    const auto value = json_value(text);
    if (value && !check_json(text)) std::abort();
    const auto outer = json_as<Outer>(text);
    if (outer && !value) std::abort();
    if (!outer && outer.error().message.empty()) std::abort();
    return 0;
}

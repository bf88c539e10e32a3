#pragma once
// tenter/event/value_reader.hpp: a value of JSON, or of what maps to it, read from left to right without a tree.
//
//   peek -> null | boolean | number: read_scalar     string: read_string     any: skip, read_tree
//           array:  open_array, then next_element and the element, until the end
//           object: open_object, then next_member and the value, until the end
//
// Who accepts one kind only need not peek.
//
// For conversions that every record pays for (read_as.hpp). Readers know nothing of paths and only keep their first fault: who wants to
// tell a person reads again, as a tree.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "tenter/base/bytes.hpp"

namespace tenter::event {

class JsonPlace;

enum class ValueKind : std::uint8_t { null, boolean, number, string, array, object };

/// Reads one value. Members return false, nothing, or `fault` where the input is wrong or the value is of another kind; nothing may be
/// called after that. Views are valid until the next call. Not thread safe.
class ValueReader {
public:
    /// An array or object that is being read. Lives with its caller, one for each level; the fields are the reader's.
    struct Container {
        std::uint64_t left = 0;
        std::size_t outer_depth = 0;
        std::uint8_t outer_mode = 0;
        bool is_open_ended = false;
        bool is_first = true;
    };
    enum class Step : std::uint8_t { item, end, fault };

    /// What begins here. May be asked again.
    [[nodiscard]] virtual std::optional<ValueKind> peek() = 0;
    [[nodiscard]] virtual bool read_scalar(boost::json::value& scalar) = 0;
    [[nodiscard]] virtual bool read_string(std::string_view& text) = 0;
    [[nodiscard]] virtual bool open_array(Container& array) = 0;
    [[nodiscard]] virtual bool open_object(Container& object) = 0;
    [[nodiscard]] virtual Step next_element(Container& array) = 0;
    /// Each name as often as it stands there.
    [[nodiscard]] virtual Step next_member(Container& object, std::string_view& name) = 0;

    /// Passes one value of any kind, and checks all that reading it would.
    [[nodiscard]] bool skip();

protected:
    ValueReader() = default;
    ValueReader(const ValueReader&) = default;
    ValueReader& operator=(const ValueReader&) = default;
    ~ValueReader() = default;

    /// Passes null, a boolean, a number or a string.
    [[nodiscard]] virtual bool skip_leaf() = 0;
};

/// One value of any kind as a tree; of repeated names the first counts. After a fault `fault_path` has the path of its place, `place`
/// included.
[[nodiscard]] bool read_tree(ValueReader& reader, boost::json::value& tree, const JsonPlace& place, std::string& fault_path);

/// Whether `read(reader, out)` could read `text`, which is all of one JSON text. Refuses what `json_value` refuses.
[[nodiscard]] bool read_json(BytesView text, bool (*read)(ValueReader& reader, void* out), void* out);

}  // namespace tenter::event

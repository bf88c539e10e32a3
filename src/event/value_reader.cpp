#include "tenter/event/value_reader.hpp"

#include <boost/json/value.hpp>

#include "tenter/event/data_as.hpp"

namespace tenter::event {
namespace {

namespace json = boost::json;

class TreeBuilder {
public:
    TreeBuilder(ValueReader& reader, std::string& fault_path) : reader_(reader), fault_path_(fault_path) {}

    bool read(json::value& tree, const JsonPlace& place) {
        const auto kind = reader_.peek();
        if (!kind) return fault(place);
        switch (*kind) {
            case ValueKind::string: {
                std::string_view text;
                if (!reader_.read_string(text)) return fault(place);
                tree.emplace_string().assign(text.data(), text.size());
                return true;
            }
            case ValueKind::array: return read_array(tree.emplace_array(), place);
            case ValueKind::object: return read_object(tree.emplace_object(), place);
            default: return reader_.read_scalar(tree) || fault(place);
        }
    }

private:
    bool read_array(json::array& array, const JsonPlace& place) {
        ValueReader::Container container;
        if (!reader_.open_array(container)) return fault(place);
        for (;;) {
            const auto step = reader_.next_element(container);
            if (step != ValueReader::Step::item) return step == ValueReader::Step::end || fault(place);
            const JsonPlace element_place(place, array.size());
            if (!read(array.emplace_back(nullptr), element_place)) return false;
        }
    }

    bool read_object(json::object& object, const JsonPlace& place) {
        ValueReader::Container container;
        if (!reader_.open_object(container)) return fault(place);
        for (;;) {
            std::string_view name;
            const auto step = reader_.next_member(container, name);
            if (step != ValueReader::Step::item) return step == ValueReader::Step::end || fault(place);
            const auto [member, is_new] = object.emplace(name, nullptr);
            json::value repeated;
            if (!read(is_new ? member->value() : repeated, JsonPlace(place, std::string_view(member->key())))) return false;
        }
    }

    bool fault(const JsonPlace& place) {
        fault_path_ = place.path();
        return false;
    }

    ValueReader& reader_;
    std::string& fault_path_;
};

}  // namespace

bool ValueReader::skip() {
    const auto kind = peek();
    if (!kind) return false;
    if (*kind != ValueKind::array && *kind != ValueKind::object) return skip_leaf();
    Container container;
    const bool is_object = *kind == ValueKind::object;
    if (!(is_object ? open_object(container) : open_array(container))) return false;
    std::string_view name;
    for (;;) {
        const auto step = is_object ? next_member(container, name) : next_element(container);
        if (step != Step::item) return step == Step::end;
        if (!skip()) return false;
    }
}

bool read_tree(ValueReader& reader, json::value& tree, const JsonPlace& place, std::string& fault_path) {
    return TreeBuilder(reader, fault_path).read(tree, place);
}

}  // namespace tenter::event

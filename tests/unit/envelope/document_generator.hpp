#pragma once
// tests/unit/envelope/document_generator.hpp: random documents for payload_as_test.cpp.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "tenter/base/encoding.hpp"
#include "tenter/base/json_text.hpp"

namespace tenter::envelope::testing {

namespace json = boost::json;

/// Draws documents and writes them as JSON and as CBOR, with the freedom that the formats leave.
class DocumentGenerator {
public:
    explicit DocumentGenerator(std::uint64_t seed) : random_(seed) {}

    /// A tree with repeated names, which a Boost.JSON value cannot hold.
    struct Draw {
        json::value leaf{};  ///< Unless it has entries.
        bool is_array = false;
        bool is_object = false;
        std::vector<std::pair<std::string, Draw>> entries{};  ///< An array's have no names.
    };

    std::uint64_t below(std::uint64_t limit) { return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random_); }
    bool chance(unsigned of) { return below(of) == 0; }

    /// What the struct Order of payload_as_test.cpp asks for, or nearly.
    Draw order() {
        Draw object{.is_object = true};
        add(object, "id", [&] { return text(); });
        add(object, "note", [&] { return chance(2) ? Draw{} : text(); });
        add(object, "items", [&] { return list([&] { return item(2); }); });
        add(object, "stock", [&] { return dictionary([&] { return Draw{.leaf = below(1000)}; }); });
        add(object, "named", [&] { return dictionary([&] { return chance(3) ? Draw{} : item(1); }); });
        add(object, "status", [&] { return Draw{.leaf = json::string(std::array{"paid", "open", "void_"}.at(below(3)))}; });
        add(object, "active", [&] { return Draw{.leaf = chance(2)}; });
        add(object, "total", [&] { return number(); });
        add(object, "number", [&] { return Draw{.leaf = static_cast<std::int64_t>(below(1'000'000)) - 500'000}; });
        add(object, "small", [&] { return Draw{.leaf = below(chance(20) ? 70'000 : 65'536)}; });
        add(object, "flags", [&] { return list([&] { return Draw{.leaf = chance(2)}; }); });
        add(object, "more", [&] { return anything(3); });
        for (std::uint64_t i = below(3); i > 0; --i) object.entries.emplace_back("unknown" + std::to_string(i), anything(2));
        if (chance(3)) std::shuffle(object.entries.begin(), object.entries.end(), random_);
        if (chance(8) && !object.entries.empty()) object.entries.push_back(object.entries[below(object.entries.size())]);
        if (chance(8)) object.entries.emplace_back("id", anything(1));
        return object;
    }

    std::string as_json(const Draw& draw) {
        std::string out = space();
        if (draw.is_object || draw.is_array) {
            out += draw.is_object ? "{" : "[";
            for (std::size_t i = 0; i < draw.entries.size(); ++i) {
                if (i != 0) out += ',';
                if (draw.is_object) out += space() + quoted(draw.entries[i].first) + space() + ':';
                out += as_json(draw.entries[i].second);
            }
            out += draw.is_object ? "}" : "]";
        } else if (draw.leaf.is_string()) {
            out += quoted(std::string_view(draw.leaf.as_string()));
        } else {
            out += json::serialize(draw.leaf);
        }
        return out + space();
    }

    Bytes as_cbor(const Draw& draw) {
        Bytes out;
        while (chance(12)) out += head(6, 1000 + below(100));
        if (draw.is_object || draw.is_array) {
            const bool open_ended = chance(3);
            const unsigned major = draw.is_object ? 5 : 4;
            out += open_ended ? Bytes(1, static_cast<char>(major << 5 | 31)) : head(major, draw.entries.size());
            for (const auto& [name, value] : draw.entries) {
                if (draw.is_object) out += cbor_text(name);
                out += as_cbor(value);
            }
            return open_ended ? out + '\xFF' : out;
        }
        switch (draw.leaf.kind()) {
            case json::kind::null: return out + (chance(4) ? '\xF7' : '\xF6');
            case json::kind::bool_: return out + (draw.leaf.as_bool() ? '\xF5' : '\xF4');
            case json::kind::uint64: return out + head(0, draw.leaf.as_uint64());
            case json::kind::int64: {
                const auto value = draw.leaf.as_int64();
                return out + (value < 0 ? head(1, static_cast<std::uint64_t>(-1 - value)) : head(0, static_cast<std::uint64_t>(value)));
            }
            case json::kind::double_: {
                out += '\xFB';
                const auto bits = std::bit_cast<std::uint64_t>(draw.leaf.as_double());
                for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift & 0xFF);
                return out;
            }
            default: return out + cbor_text(std::string_view(draw.leaf.as_string()));
        }
    }

private:
    template <class Make>
    void add(Draw& object, const char* name, Make make) {
        if (chance(60)) return;
        object.entries.emplace_back(chance(100) ? "Id" : name, chance(60) ? anything(2) : make());
    }

    template <class Make>
    Draw list(Make make) {
        Draw array{.is_array = true};
        for (std::uint64_t i = below(4); i > 0; --i) array.entries.emplace_back("", make());
        return array;
    }

    template <class Make>
    Draw dictionary(Make make) {
        Draw object{.is_object = true};
        for (std::uint64_t i = below(4); i > 0; --i) object.entries.emplace_back(std::string(text().leaf.as_string()), make());
        return object;
    }

    Draw item(unsigned depth) {
        Draw object{.is_object = true};
        add(object, "name", [&] { return text(); });
        add(object, "count", [&] { return Draw{.leaf = static_cast<std::int64_t>(below(chance(40) ? 300 : 200)) - 128}; });
        add(object, "price", [&] { return chance(30) ? Draw{.leaf = 1e300} : number(); });
        add(object, "parts", [&] { return depth == 0 ? Draw{.is_array = true} : list([&] { return item(depth - 1); }); });
        return object;
    }

    Draw text() {
        static constexpr std::array texts{
            "", "a", "name", "a b", "\"\\/\b\n", "ü€😀", "\x01", "paid", "a longer text than a small string holds"};
        return Draw{.leaf = json::string(texts.at(below(texts.size())))};
    }

    Draw number() {
        static constexpr std::array numbers{0.0, -0.5, 1.5, 3.14159265358979, 1e-300, 65504.0, 1e20};
        return chance(3) ? Draw{.leaf = static_cast<std::int64_t>(below(100))} : Draw{.leaf = numbers.at(below(numbers.size()))};
    }

    Draw anything(unsigned depth) {
        switch (below(depth == 0 ? 6 : 8)) {
            case 0: return {};
            case 1: return Draw{.leaf = chance(2)};
            case 2: return Draw{.leaf = std::numeric_limits<std::int64_t>::min()};
            case 3: return Draw{.leaf = std::numeric_limits<std::uint64_t>::max()};
            case 4: return number();
            case 5: return text();
            case 6: return list([&] { return anything(depth - 1); });
            default: return dictionary([&] { return anything(depth - 1); });
        }
    }

    std::string space() { return std::array<const char*, 6>{"", "", "", " ", "\n\t", "\r "}.at(below(6)); }

    std::string quoted(std::string_view text) {
        std::string out;
        if (!chance(4)) return append_json_string(out, text), out;
        out = "\"";
        for (const char c : text) {  // ASCII as escapes
            if (static_cast<unsigned char>(c) >= 0x80)
                out += c;
            else
                out += "\\u00" + hex_encode({&c, 1});
        }
        return out + '"';
    }

    Bytes cbor_text(std::string_view text) {
        if (!chance(4)) return head(3, text.size()) + Bytes(text);
        Bytes out(1, '\x7F');
        while (!text.empty()) {
            std::size_t size = 1 + below(text.size());
            while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
            out += head(3, size) + Bytes(text.substr(0, size));
            text.remove_prefix(size);
        }
        return out + '\xFF';
    }

    /// As short as can be, or longer.
    Bytes head(unsigned major, std::uint64_t argument) {
        unsigned width = argument < 24 ? 0 : argument <= 0xFF ? 1 : argument <= 0xFFFF ? 2 : argument <= 0xFFFF'FFFF ? 4 : 8;
        while (width < 8 && chance(6)) width = width == 0 ? 1 : 2 * width;
        const std::uint64_t info = width == 0 ? argument : width == 1 ? 24 : width == 2 ? 25 : width == 4 ? 26 : 27;
        Bytes out(1, static_cast<char>(major << 5 | info));
        for (unsigned i = width; i-- > 0;) out += static_cast<char>(argument >> (8 * i) & 0xFF);
        return out;
    }

    std::mt19937_64 random_;
};

}  // namespace tenter::envelope::testing

#include <algorithm>
#include <set>
#include <utility>

#include <boost/json/value.hpp>

#include "gateway/consumers/registry.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/json_text.hpp"
#include "tenter/base/timestamp.hpp"
#include "tenter/event/json_value.hpp"

namespace tenter::consumers {
namespace {

namespace json = boost::json;

constexpr std::int64_t version = 1;

template <std::size_t size>
std::string hex(const std::array<std::uint8_t, size>& bytes) {
    return hex_encode(BytesView(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

/// Puts ", " between what is appended.
class Separator {
public:
    explicit Separator(std::string_view between) : between_(between) {}
    [[nodiscard]] std::string_view next() { return std::exchange(is_first_, false) ? std::string_view() : between_; }

private:
    std::string_view between_;
    bool is_first_ = true;
};

void append_member(std::string& out, std::string_view name, std::string_view text) {
    append_json_string(out, name);
    out += ": ";
    append_json_string(out, text);
}

void append_secret(std::string& out, const StoredSecret& secret) {
    out += '{';
    append_member(out, "salt", hex(secret.salt));
    out += ", ";
    append_member(out, "sha256", hex(secret.digest));
    if (secret.valid_until) {
        out += ", ";
        append_member(out, "valid_until", to_rfc3339(*secret.valid_until));
    }
    out += '}';
}

void append_consumer(std::string& out, const Consumer& consumer) {
    out += "    {";
    append_member(out, "name", consumer.name);
    out += ", ";
    append_member(out, "id", consumer.id.to_string());
    out += ", ";
    append_member(out, "created_at", to_rfc3339(consumer.created_at));
    out += std::string(",\n     \"is_new\": ") + (consumer.is_new ? "true" : "false") + ",\n     \"sources\": [";
    for (Separator comma(", "); const auto& source : consumer.sources) {
        out += comma.next();
        append_json_string(out, source);
    }
    out += "],\n     \"start_offsets\": {";
    for (Separator comma(", "); const auto& [source, offsets] : consumer.start_offsets) {
        out += comma.next();
        append_json_string(out, source);
        out += ": [";
        for (Separator inner(", "); const std::int64_t offset : offsets) out.append(inner.next()).append(std::to_string(offset));
        out += ']';
    }
    out += "},\n     \"secrets\": [";
    for (Separator comma(",\n                 "); const auto& secret : consumer.secrets) {
        out += comma.next();
        append_secret(out, secret);
    }
    out += "]}";
}

/// The value at a place of the file; every failure names the place.
class Place {
public:
    Place(const json::value& value, std::string path) : value_(&value), path_(std::move(path)) {}

    [[nodiscard]] std::unexpected<Error> wrong(std::string_view what) const {
        return fail(Errc::corrupt, (path_.empty() ? std::string("the file") : path_) + ": " + std::string(what));
    }
    /// The member, null if there is none.
    [[nodiscard]] std::optional<Place> find(std::string_view name) const {
        const json::value* const member = value_->is_object() ? value_->get_object().if_contains(name) : nullptr;
        if (member == nullptr) return std::nullopt;
        return Place(*member, path_.empty() ? std::string(name) : path_ + "." + std::string(name));
    }
    /// An object of these members and no other: an unknown one is a promise that would not be kept.
    [[nodiscard]] Result<void> has_only(const std::set<std::string_view>& names) const {
        if (!value_->is_object()) return wrong("expected an object");
        for (const auto& member : value_->get_object()) {
            const std::string_view name(member.key().data(), member.key().size());
            if (!names.contains(name)) return wrong("unknown member \"" + std::string(name) + "\"");
        }
        return {};
    }
    [[nodiscard]] Result<std::vector<Place>> elements() const {
        if (!value_->is_array()) return wrong("expected an array");
        std::vector<Place> places;
        for (const auto& element : value_->get_array()) places.emplace_back(element, path_ + "[" + std::to_string(places.size()) + "]");
        return places;
    }
    [[nodiscard]] Result<std::vector<std::pair<std::string, Place>>> members() const {
        if (!value_->is_object()) return wrong("expected an object");
        std::vector<std::pair<std::string, Place>> places;
        for (const auto& member : value_->get_object()) {
            const std::string name(member.key().data(), member.key().size());
            places.emplace_back(name, Place(member.value(), path_ + "." + name));
        }
        return places;
    }
    [[nodiscard]] Result<std::string> text() const {
        if (!value_->is_string()) return wrong("expected a string");
        return std::string(value_->get_string().data(), value_->get_string().size());
    }
    [[nodiscard]] Result<std::int64_t> integer() const {
        if (!value_->is_int64()) return wrong("expected an integer");
        return value_->get_int64();
    }
    [[nodiscard]] Result<bool> boolean() const {
        if (!value_->is_bool()) return wrong("expected true or false");
        return value_->get_bool();
    }

private:
    const json::value* value_;
    std::string path_;
};

Result<Place> required(const Place& place, std::string_view name) {
    auto member = place.find(name);
    if (!member) return place.wrong("\"" + std::string(name) + "\" is missing");
    return *std::move(member);
}

Result<std::string> text_at(const Place& place, std::string_view name) {
    const auto member = required(place, name);
    if (!member) return fail(member.error());
    return member->text();
}

Result<UnixMillis> time_at(const Place& place, std::string_view name) {
    const auto text = text_at(place, name);
    if (!text) return fail(text.error());
    const auto time = parse_rfc3339(*text);
    if (!time) return place.find(name)->wrong("expected a time as in RFC 3339");
    return *time;
}

template <std::size_t size>
Result<std::array<std::uint8_t, size>> bytes_at(const Place& place, std::string_view name) {
    const auto text = text_at(place, name);
    if (!text) return fail(text.error());
    const auto bytes = hex_decode(*text);
    if (!bytes || bytes->size() != size) return place.find(name)->wrong("expected " + std::to_string(2 * size) + " hexadecimal digits");
    std::array<std::uint8_t, size> out{};
    std::ranges::copy(*bytes, out.begin());
    return out;
}

Result<StoredSecret> read_secret(const Place& place) {
    if (auto known = place.has_only({"salt", "sha256", "valid_until"}); !known) return fail(known.error());
    StoredSecret secret;
    const auto salt = bytes_at<16>(place, "salt");
    if (!salt) return fail(salt.error());
    secret.salt = *salt;
    const auto digest = bytes_at<32>(place, "sha256");
    if (!digest) return fail(digest.error());
    secret.digest = *digest;
    if (place.find("valid_until")) {
        const auto until = time_at(place, "valid_until");
        if (!until) return fail(until.error());
        secret.valid_until = *until;
    }
    return secret;
}

Result<std::vector<std::int64_t>> read_offsets(const Place& place) {
    const auto elements = place.elements();
    if (!elements) return fail(elements.error());
    std::vector<std::int64_t> offsets;
    for (const auto& element : *elements) {
        const auto offset = element.integer();
        if (!offset) return fail(offset.error());
        offsets.push_back(*offset);
    }
    return offsets;
}

Result<void> read_lists(const Place& place, Consumer& out) {
    const auto sources = required(place, "sources");
    if (!sources) return fail(sources.error());
    const auto names = sources->elements();
    if (!names) return fail(names.error());
    for (const auto& name : *names) {
        auto text = name.text();
        if (!text) return fail(text.error());
        out.sources.push_back(std::move(*text));
    }
    const auto starts = required(place, "start_offsets");
    if (!starts) return fail(starts.error());
    const auto members = starts->members();
    if (!members) return fail(members.error());
    for (const auto& [source, offsets] : *members) {
        auto numbers = read_offsets(offsets);
        if (!numbers) return fail(numbers.error());
        out.start_offsets.emplace(source, std::move(*numbers));
    }
    const auto secrets = required(place, "secrets");
    if (!secrets) return fail(secrets.error());
    const auto stored = secrets->elements();
    if (!stored) return fail(stored.error());
    for (const auto& one : *stored) {
        auto secret = read_secret(one);
        if (!secret) return fail(secret.error());
        out.secrets.push_back(std::move(*secret));
    }
    return {};
}

Result<Consumer> read_consumer(const Place& place) {
    if (auto known = place.has_only({"name", "id", "created_at", "is_new", "sources", "start_offsets", "secrets"}); !known)
        return fail(known.error());
    Consumer consumer;
    auto name = text_at(place, "name");
    if (!name) return fail(name.error());
    consumer.name = std::move(*name);
    const auto id = text_at(place, "id");
    if (!id) return fail(id.error());
    const auto uuid = Uuid::parse(*id);
    if (!uuid) return place.find("id")->wrong("expected a UUID");
    consumer.id = *uuid;
    const auto created = time_at(place, "created_at");
    if (!created) return fail(created.error());
    consumer.created_at = *created;
    const auto is_new = required(place, "is_new");
    if (!is_new) return fail(is_new.error());
    const auto flag = is_new->boolean();
    if (!flag) return fail(flag.error());
    consumer.is_new = *flag;
    if (auto lists = read_lists(place, consumer); !lists) return fail(lists.error());
    return consumer;
}

Result<void> check_version(const Place& file) {
    const auto member = required(file, "version");
    if (!member) return fail(member.error());
    const auto number = member->integer();
    if (!number) return fail(number.error());
    if (*number > version)
        return fail(Errc::unsupported, "version " + std::to_string(*number) + " was written by a later Tenter; this one knows version 1");
    if (*number < version) return member->wrong("expected 1");
    return {};
}

}  // namespace

std::string encode_registry(const Registry& registry) {
    std::string out = "{\"version\": 1,\n \"consumers\": [\n";
    for (Separator comma(",\n"); const auto& consumer : registry.all()) {
        out += comma.next();
        append_consumer(out, consumer);
    }
    return out + "\n ]}\n";
}

Result<Registry> decode_registry(std::string_view text) {
    const auto value = event::json_value(text);
    if (!value) return fail(Errc::corrupt, value.error().message);
    const Place file(*value, "");
    if (auto known = check_version(file); !known) return fail(known.error());
    if (auto known = file.has_only({"version", "consumers"}); !known) return fail(known.error());
    const auto consumers = required(file, "consumers");
    if (!consumers) return fail(consumers.error());
    const auto elements = consumers->elements();
    if (!elements) return fail(elements.error());
    std::vector<Consumer> read;
    for (const auto& element : *elements) {
        auto consumer = read_consumer(element);
        if (!consumer) return fail(consumer.error());
        auto fine = checked(std::move(*consumer));
        if (!fine) return element.wrong(fine.error().message);
        read.push_back(std::move(*fine));
    }
    auto registry = Registry::of(std::move(read));
    if (!registry) return consumers->wrong(registry.error().message);
    return registry;
}

}  // namespace tenter::consumers

#include "gateway/log_segment/log_id.hpp"

#include "tenter/base/random.hpp"

namespace tenter::log {
namespace {

constexpr std::size_t text_size = 36;

}  // namespace

Result<std::optional<Uuid>> load_log_id(Env& env, const Layout& layout) {
    const auto text = read_file(env, layout.id(), 4096);
    if (!text && text.error().code == Errc::not_found) return std::optional<Uuid>{};
    if (!text) return fail(text.error());
    const auto id = Uuid::parse(BytesView(*text).substr(0, text_size));
    if (id && *text == id->to_string() + "\n") return std::optional<Uuid>(*id);
    return fail(Errc::corrupt, layout.id() + ": not the id of a log; put the file back from a backup");
}

Result<Uuid> make_log_id(Env& env, const Layout& layout, const Clock& clock) {
    SystemRandom random;
    const Uuid id = UuidV7Generator(clock, random).next();
    if (auto stored = replace_file(env, layout.id(), id.to_string() + "\n"); !stored) return fail(std::move(stored.error()));
    return id;
}

}  // namespace tenter::log

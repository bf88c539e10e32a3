#include "gateway/config/first_config.hpp"

#include <array>
#include <cerrno>

#include "tenter/base/encoding.hpp"

namespace tenter::config {
namespace {

constexpr std::string_view first_config =
    R"(# Tenter's configuration. All keys: docs/configuration.md or `tenter config reference`. Check it with `tenter config check`.

data = "./tenter-data"             # everything durable lives in this folder

[http]
listen = ["127.0.0.1:8080"]        # this machine only; "0.0.0.0:8080" for everybody

[kafka]
listen = ["127.0.0.1:9092"]        # your programs read here as from Kafka, over TLS: `tenter consumer add`, docs/consumers.md

# One [[source]] for each sender. POST to its path (here "/<name>"); read it with `tenter tail <name>`.

[[source]]
name = "demo"
verify = "none"                    # whoever reaches the address can post: only for trying it out

[[source]]
name = "elytra"
verify = { scheme = "basic", username = "elytra", password = { file = "tenter-data/secrets/elytra" } }
content = "elytra"                 # CloudEvents, or Elytra's plain form; anything else is refused
key = "elytra"                     # events of one object keep their order

[[source]]
name = "github"
verify = { scheme = "github", secrets = [{ file = "tenter-data/secrets/github" }] }
content = "json"
key = "json:/repository/full_name"
)";

/// Makes a new file with that content. One that could not be finished is removed: the next start would take it for the user's own.
Result<void> write_new(Env& env, const std::string& path, BytesView content) {
    auto file = env.open(path, OpenMode::create_new);
    if (!file) return fail(std::move(file.error()));
    auto written = write_all(**file, content, 0);
    if (written) written = (*file)->sync_data();
    if (!written) static_cast<void>(env.remove(path));  // the first failure is the one to tell
    return written;
}

Result<void> write_secret(Env& env, Random& random, const std::string& path) {
    std::array<std::uint8_t, 32> bytes{};
    random.fill(bytes);
    const BytesView view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    auto written = write_new(env, path, base64_encode(view, Base64Alphabet::url, Base64Padding::forbidden) + "\n");
    if (!written && written.error().os_error == EEXIST) return {};
    return written;
}

}  // namespace

Result<void> write_first_config(Env& env, Random& random, const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    if (auto existing = env.open(path, OpenMode::read)) return fail(Errc::invalid_input, path + " exists; it is left as it is");
    const std::string secrets = folder + "tenter-data/secrets";
    if (auto made = env.create_directories(secrets); !made) return made;
    for (const std::string_view name : {"/elytra", "/github"})
        if (auto written = write_secret(env, random, secrets + std::string(name)); !written) return written;
    return write_new(env, path, first_config);
}

}  // namespace tenter::config

// gateway/tls/own_identity.cpp: the certificates that the gateway makes itself.

#include <cerrno>
#include <optional>
#include <thread>

#include "gateway/tls/identity.hpp"
#include "gateway/tls/issue.hpp"
#include "gateway/tls/pem.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::tls {
namespace {

constexpr std::size_t largest_file = 64 * 1024;
constexpr std::chrono::seconds lock_patience{10};
constexpr std::chrono::milliseconds lock_pause{5};

struct Paths {
    explicit Paths(const std::string& data_folder) : data(data_folder), folder(data_folder + "/tls") {}

    std::string data;
    std::string folder;
    std::string lock = folder + "/lock";
    std::string authority_key = folder + "/ca.key";
    std::string authority = folder + "/ca.pem";
    std::string server = folder + "/server.pem";
};

/// Who holds the lock makes two small files: it is soon over.
Result<std::unique_ptr<FileLock>> take_lock(Env& env, const Paths& paths) {
    const auto give_up = std::chrono::steady_clock::now() + lock_patience;
    while (true) {
        auto lock = env.lock(paths.lock);
        if (lock || lock.error().code != Errc::overloaded || lock.error().os_error != EWOULDBLOCK) return lock;
        if (std::chrono::steady_clock::now() >= give_up) return lock;
        std::this_thread::sleep_for(lock_pause);
    }
}

Result<std::unique_ptr<FileLock>> open_folder(Env& env, const Paths& paths) {
    if (auto made = env.create_directories(paths.folder); !made) return fail(std::move(made.error()));
    return take_lock(env, paths);
}

/// Nothing where there is no such file.
Result<std::optional<std::string>> read_if_there(Env& env, const std::string& path) {
    auto content = read_file(env, path, largest_file);
    if (content) return std::optional(std::move(*content));
    if (content.error().code == Errc::not_found) return std::optional<std::string>();
    return fail(std::move(content.error()));
}

std::unexpected<Error> damaged(const std::string& path, const std::string& why) {
    return fail(Errc::corrupt, path + ": " + why +
                                   "; put the file back, or remove its folder so that a new authority is made: every consumer then needs "
                                   "a new profile");
}

Result<KeyPair> parse_pair(std::string_view certificate_pem, std::string_view key_pem) {
    auto certificates = read_certificates(certificate_pem);
    if (!certificates) return fail(std::move(certificates.error()));
    auto key = read_key(key_pem);
    if (!key) return fail(std::move(key.error()));
    if (X509_check_private_key(certificates->front().get(), key->get()) != 1) {
        static_cast<void>(openssl_reason());
        return fail(Errc::invalid_input, "key and certificate do not belong together");
    }
    return KeyPair{std::move(*key), std::move(certificates->front())};
}

/// The authority, and its certificate as it is stored.
struct Authority {
    KeyPair pair;
    std::string pem;
};

Result<Authority> make_authority(Env& env, UnixMillis now, const Paths& paths) {
    auto made = issue_authority({now - clock_tolerance, now + authority_life});
    if (!made) return fail(std::move(made.error()));
    auto pem = write_certificate(*made->certificate);
    if (!pem) return fail(std::move(pem.error()));
    const auto key = write_key(*made->key);
    if (!key) return fail(key.error());
    // The folder's own name first: after a crash there is no authority whose folder is not there.
    if (auto synced = env.sync_directory(paths.data); !synced) return fail(std::move(synced.error()));
    if (auto stored = replace_file(env, paths.authority_key, key->reveal()); !stored) return fail(std::move(stored.error()));
    if (auto stored = replace_file(env, paths.authority, *pem); !stored) return fail(std::move(stored.error()));
    return Authority{std::move(*made), std::move(*pem)};
}

/// Under the lock. A key without a certificate is what a crash left of an authority that nobody has seen.
Result<Authority> authority(Env& env, UnixMillis now, const Paths& paths) {
    auto pem = read_if_there(env, paths.authority);
    if (!pem) return fail(std::move(pem.error()));
    if (!*pem) return make_authority(env, now, paths);
    const auto key = read_if_there(env, paths.authority_key);
    if (!key) return fail(key.error());
    if (!*key) return damaged(paths.authority_key, "missing");
    const Secret secret(**key);
    auto pair = parse_pair(**pem, secret.reveal());
    if (!pair) return damaged(paths.authority, pair.error().message);
    return Authority{std::move(*pair), std::move(**pem)};
}

bool is_good(const KeyPair& server, const KeyPair& authority, const std::vector<std::string>& names, UnixMillis now) {
    X509& certificate = *server.certificate;
    if (X509_verify(&certificate, X509_get0_pubkey(authority.certificate.get())) != 1) {
        static_cast<void>(openssl_reason());
        return false;
    }
    const auto validity = validity_of(certificate);
    if (!validity || now < validity->begins || validity->ends - now < std::chrono::hours(server_life) / 3) return false;
    for (const std::string& name : names)
        if (!covers(certificate, name)) return false;
    return true;
}

Result<Identity> make_server(Env& env, const Authority& authority, const std::vector<std::string>& names, UnixMillis now,
                             const Paths& paths) {
    auto made = issue_server(authority.pair, names, {now - clock_tolerance, now + server_life});
    if (!made) return fail(std::move(made.error()));
    auto certificate = write_certificate(*made->certificate);
    if (!certificate) return fail(std::move(certificate.error()));
    auto key = write_key(*made->key);
    if (!key) return fail(std::move(key.error()));
    const Secret both(std::string(key->reveal()) + *certificate);
    if (auto stored = replace_file(env, paths.server, both.reveal()); !stored) return fail(std::move(stored.error()));
    return Identity{std::move(*certificate), std::move(*key), authority.pem};
}

}  // namespace

Result<std::string> ensure_authority(Env& env, const Clock& clock, const std::string& data_folder) {
    const Paths paths(data_folder);
    const auto lock = open_folder(env, paths);
    if (!lock) return fail(lock.error());
    auto found = authority(env, clock.now(), paths);
    if (!found) return fail(std::move(found.error()));
    return std::move(found->pem);
}

Result<Identity> ensure_identity(Env& env, const Clock& clock, const std::string& data_folder, const std::vector<std::string>& names) {
    TENTER_ASSERT(!names.empty());
    const Paths paths(data_folder);
    const UnixMillis now = clock.now();
    const auto lock = open_folder(env, paths);
    if (!lock) return fail(lock.error());
    const auto signer = authority(env, now, paths);
    if (!signer) return fail(signer.error());

    auto stored = read_if_there(env, paths.server);
    if (!stored) return fail(std::move(stored.error()));
    if (!*stored) return make_server(env, *signer, names, now, paths);
    const Secret both(std::move(**stored));
    const auto pair = parse_pair(both.reveal(), both.reveal());
    if (!pair || !is_good(*pair, signer->pair, names, now)) return make_server(env, *signer, names, now, paths);
    auto certificate = write_certificate(*pair->certificate);
    if (!certificate) return fail(std::move(certificate.error()));
    auto key = write_key(*pair->key);
    if (!key) return fail(std::move(key.error()));
    return Identity{std::move(*certificate), std::move(*key), signer->pem};
}

}  // namespace tenter::tls

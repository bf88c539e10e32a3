#include "bench/load/request_pool.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <span>

#include "tenter/base/assert.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/random.hpp"
#include "tenter/base/uuid.hpp"

namespace tenter::load {
namespace {

constexpr std::size_t subjects = 997;  // ordering keys; prime, so that they do not march in step with the sources

void append_request(std::string& out, const RequestPoolOptions& options, std::string_view path, std::string_view body) {
    out += "POST ";
    out += path;
    out += " HTTP/1.1\r\nHost: ";
    out += options.host;
    out += "\r\nUser-Agent: tenter-load-generator\r\nContent-Type: application/cloudevents+json\r\nContent-Length: ";
    out += std::to_string(body.size());
    out += "\r\nX-Hub-Signature-256: ";
    out += github_signature(options.secret, body);
    out += "\r\n\r\n";
    out += body;
}

}  // namespace

std::string cloud_event(std::string_view id, std::size_t number, std::size_t bytes) {
    TENTER_ASSERT(bytes >= min_body_bytes);
    std::string event = R"({"specversion":"1.0","id":")";
    event += id;
    event += R"(","source":"/tenter/bench","type":"com.example.product.changed","subject":"product-)";
    event += std::to_string(number % subjects);
    event += R"(","time":"2026-11-23T14:48:33.120Z","datacontenttype":"application/json","data":{"number":)";
    event += std::to_string(number);
    event += R"(,"name":"Tenterhook","in_stock":true,"price":12.5,"description":")";
    constexpr std::string_view end = R"("}})";
    constexpr std::string_view filler = "A tenterhook holds wet cloth stretched so that it keeps its shape while it dries. ";
    while (event.size() + end.size() < bytes) event += filler.substr(0, bytes - end.size() - event.size());
    event += end;
    return event;
}

std::string github_signature(std::string_view secret, std::string_view body) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    const auto* data = static_cast<const unsigned char*>(static_cast<const void*>(body.data()));
    TENTER_ASSERT(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), data, body.size(), digest.data(), &length) != nullptr);
    return "sha256=" + hex_encode({static_cast<const char*>(static_cast<const void*>(digest.data())), length});
}

RequestPool::RequestPool(const RequestPoolOptions& options) {
    const std::size_t rounds = (options.min_requests + options.paths.size() - 1) / options.paths.size();
    const SystemClock clock;
    SeededRandom random(options.seed);
    UuidV7Generator ids(clock, random);
    for (std::size_t i = 0; i < rounds * options.paths.size(); ++i) {
        const std::string body = cloud_event(ids.next().to_string(), i, options.body_bytes);
        append_request(bytes_, options, options.paths[i % options.paths.size()], body);
        ends_.push_back(bytes_.size());
    }
}

}  // namespace tenter::load

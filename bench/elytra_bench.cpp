// What the library costs a receiver: `validate_and_parse` of an event of Elytra, beside a bare parse of the same text, and a dispatch.
// Reads the request as two arguments, the Authorization header and the body; prints one JSON object with nanoseconds, the best of several
// rounds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <simdjson.h>

#include "tenter/dispatch/dispatcher.hpp"
#include "tenter/receive/webhook_validator.hpp"

namespace {

using namespace tenter;

constexpr int rounds = 15;
constexpr int calls = 20'000;

/// Nanoseconds of one call, in the quickest round: the others were disturbed.
template <class Function>
double nanoseconds(Function function) {
    double best = 1e18;
    for (int round = 0; round < rounds; ++round) {
        const auto begin = std::chrono::steady_clock::now();
        for (int call = 0; call < calls; ++call) function();
        const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
        best = std::min(best, took.count() / calls);
    }
    return best;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const std::string authorization = argv[1], body = argv[2];
    const std::vector<HeaderView> headers{{"Host", "x"}, {"Authorization", authorization}, {"Content-Type", "application/json"}};
    const receive::WebhookValidator validator(auth::BasicAuth{"elytra", Secret("pass:word")});
    std::size_t sink = 0;

    const double validate_and_parse = nanoseconds([&] { sink += validator.try_validate_and_parse(body, headers).value().id.size(); });
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(body);
    const double simdjson_dom = nanoseconds([&] { sink += parser.parse(padded).get_object().value().size(); });

    dispatch::WebhookEventDispatcher dispatcher;
    dispatcher.register_handler([&](const elytra::CloudEvent& event) { sink += event.id.size(); }, elytra::EventType::product,
                                elytra::Operation::add);
    const auto event = validator.validate_and_parse(body, headers);
    const double dispatch = nanoseconds([&] { sink += dispatcher.dispatch(event).handlers; });

    std::printf("{\"validate_and_parse_ns\":%.0f,\"simdjson_dom_ns\":%.0f,\"dispatch_ns\":%.0f,\"sink\":%zu}\n", validate_and_parse,
                simdjson_dom, dispatch, sink % 10);
}

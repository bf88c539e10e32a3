// ingest_baseline_server CONFIG: (a1) of docs/benchmarks.md: everything that the gateway does with a request but keeping it. The sources of
// the configuration are verified, checked and put into their stored form; a log that keeps nothing says "durable" at once.
#include <cstdio>
#include <utility>

#include "bench/baseline/serve_until_stopped.hpp"
#include "bench/baseline/unlogged.hpp"
#include "gateway/config/config.hpp"
#include "gateway/ingest/ingest.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/random.hpp"

namespace {

int serve(const char* file) {
    tenter::PosixEnv env;
    const auto config = tenter::config::load(env, file, tenter::process_environment());
    if (!config) {
        for (const auto& fault : config.error()) std::fprintf(stderr, "%s\n", tenter::config::to_string(fault).c_str());
        return 1;
    }
    tenter::bench::UnloggedEvents log;
    auto sources = tenter::ingest::make_sources(config->sources, log);
    if (!sources) {
        std::fprintf(stderr, "%s\n", sources.error().message.c_str());
        return 1;
    }
    const tenter::SystemClock clock;
    tenter::SystemRandom random;
    tenter::ingest::Ingest ingest(std::move(*sources), log, clock, random, [](const tenter::ingest::RefusedRequest&) {});
    return tenter::bench::serve_until_stopped(ingest);
}

}  // namespace

int main(int count, char** arguments) {
    if (count == 2) return serve(arguments[1]);
    std::fputs("usage: ingest_baseline_server CONFIG\n", stderr);
    return 2;
}

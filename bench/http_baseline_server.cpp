// http_baseline_server: (a0) of docs/benchmarks.md: the gateway's HTTP room and nothing behind it. Every request is read whole and answered
// 200 with a body as long as a real one; nothing is verified, looked at or stored.
#include <utility>

#include "bench/baseline/serve_until_stopped.hpp"
#include "gateway/http/server.hpp"

namespace {

class AlwaysOk final : public tenter::http::Handler {
public:
    void handle(const tenter::http::Request&, tenter::http::Responder responder) override {
        std::move(responder).send({200, R"({"status":"ok","id":"019ab0c4-31a8-7cc3-98c4-dc0c0c07398f"})", "application/json", {}});
    }
};

}  // namespace

int main() {
    AlwaysOk handler;
    return tenter::bench::serve_until_stopped(handler);
}

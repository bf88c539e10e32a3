#include "bench/load/report.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "tenter/base/json_text.hpp"

namespace tenter::load {
namespace {

/// Writes members of one JSON object, in order.
class ObjectWriter {
public:
    explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
    ObjectWriter(const ObjectWriter&) = delete;
    ObjectWriter& operator=(const ObjectWriter&) = delete;
    ~ObjectWriter() { out_ += '}'; }

    void name(std::string_view name) {
        if (!first_) out_ += ',';
        first_ = false;
        append_json_string(out_, name);
        out_ += ':';
    }
    void text(std::string_view key, std::string_view value) {
        name(key);
        append_json_string(out_, value);
    }
    void count(std::string_view key, std::uint64_t value) {
        name(key);
        out_ += std::to_string(value);
    }
    void number(std::string_view key, double value) {
        name(key);
        char digits[64];
        const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, 3).ptr;
        out_.append(digits, end);
    }

private:
    std::string& out_;
    bool first_ = true;
};

double microseconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1000; }

double per_event(std::chrono::microseconds time, const RunResult& result) {
    const auto events = result.all.latency.count();
    return events == 0 ? 0 : static_cast<double>(time.count()) / static_cast<double>(events);
}

void write_answers(std::string& out, const WorkerResult& result) {
    ObjectWriter answers(out);
    for (std::size_t status = 0; status < result.answers.size(); ++status)
        if (result.answers[status] > 0) answers.count(std::to_string(status), result.answers[status]);
}

void write_latency(std::string& out, const Histogram& latency) {
    ObjectWriter object(out);
    object.number("mean", microseconds(latency.mean()));
    object.number("p50", microseconds(latency.quantile(0.5)));
    object.number("p90", microseconds(latency.quantile(0.9)));
    object.number("p99", microseconds(latency.quantile(0.99)));
    object.number("p99_9", microseconds(latency.quantile(0.999)));
    object.number("max", microseconds(latency.max()));
}

void write_cpu(std::string& out, CpuTime used, const RunResult& result) {
    ObjectWriter object(out);
    object.number("total", per_event(used.total(), result));
    object.number("user", per_event(used.user, result));
    object.number("system", per_event(used.system, result));
}

/// Threads that began or ended during the run are left out; the process as a whole counts them.
void write_threads(std::string& out, const RunResult& result) {
    out += '[';
    bool first = true;
    for (const auto& after : result.server_after.threads) {
        const auto before = std::ranges::find(result.server_before.threads, after.id, &ThreadCpu::id);
        if (before == result.server_before.threads.end()) continue;
        if (!first) out += ',';
        first = false;
        const CpuTime used = after.used - before->used;
        ObjectWriter thread(out);
        thread.text("name", after.name);
        thread.number("user", per_event(used.user, result));
        thread.number("system", per_event(used.system, result));
    }
    out += ']';
}

std::uint64_t successes(const WorkerResult& result) {
    std::uint64_t count = 0;
    for (std::size_t status = 200; status < 300; ++status) count += result.answers[status];
    return count;
}

}  // namespace

WorkerResult sum(const std::vector<WorkerResult>& results) {
    WorkerResult all;
    for (const auto& one : results) {
        for (std::size_t status = 0; status < all.answers.size(); ++status) all.answers[status] += one.answers[status];
        all.broken_connections += one.broken_connections;
        all.unanswered += one.unanswered;
        all.never_sent += one.never_sent;
        all.ok_in_time += one.ok_in_time;
        all.last_answer = std::max(all.last_answer, one.last_answer);
        all.latency.add(one.latency);
    }
    return all;
}

std::string to_json(const Options& options, const RunResult& result) {
    std::string out;
    {
        ObjectWriter object(out);
        object.count("connections", options.connections);
        object.count("threads", options.threads);
        object.count("sources", options.sources);
        object.count("body_bytes", options.body_bytes);
        object.text("loop", options.rate_per_second > 0 ? "open" : "closed");
        object.number("asked_per_second", options.rate_per_second);
        object.number("measured_s", result.measured.count());
        object.number("per_second", result.measured.count() > 0 ? static_cast<double>(result.all.ok_in_time) / result.measured.count() : 0);
        object.count("acknowledged", successes(result.all));  // with the warm-up: what the log must hold
        object.name("answers");
        write_answers(out, result.all);
        object.count("unanswered", result.all.unanswered);
        object.count("never_sent", result.all.never_sent);
        object.count("broken_connections", result.all.broken_connections);
        object.name("latency_us");
        write_latency(out, result.all.latency);
        object.name("client_cpu_us_per_event");
        write_cpu(out, result.own, result);
        if (options.server != 0) {
            object.name("server_cpu_us_per_event");
            write_cpu(out, result.server_after.used - result.server_before.used, result);
            object.name("server_threads_cpu_us_per_event");
            write_threads(out, result);
        }
    }
    return out + '\n';
}

}  // namespace tenter::load

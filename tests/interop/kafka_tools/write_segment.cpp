// Writes a segment file with our codec, and beside it what Kafka's tools must find: write_segment FOLDER. See compare.py.
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "gateway/log/record_batch.hpp"
#include "tenter/base/encoding.hpp"

namespace {

using namespace tenter;
using namespace tenter::log;

constexpr int record_count = 10'000;

struct Sample {
    std::int64_t timestamp_ms = 0;
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

std::optional<BytesView> view(const std::optional<std::string>& text) { return text ? std::optional<BytesView>(*text) : std::nullopt; }

std::string json(const std::optional<std::string>& octets) { return octets ? '"' + hex_encode(*octets) + '"' : "null"; }

/// Everything that a record may be: null, empty, binary, large, times that go back, headers without name or value.
Sample sample(int i) {
    Sample made;
    made.timestamp_ms = 1'700'000'000'000 + (i % 7) * 1000 - i;
    if (i % 3 != 0) made.key = i % 3 == 1 ? "key \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80 " + std::to_string(i) : std::string();
    if (i % 5 != 0) made.value = std::string(static_cast<std::size_t>(i % 300), static_cast<char>(i));
    if (i == 4321) made.value = std::string(3'000'000, '\xff');
    for (int header = 0; header < i % 4; ++header) {
        std::optional<std::string> value;
        if (header != 1) value = std::string("\0\x80", 2) + std::to_string(i);
        made.headers.emplace_back(header == 2 ? "\xe4\xb8\xad" : "tenter-" + std::to_string(header), std::move(value));
    }
    return made;
}

std::string expected_line(const Sample& made, int offset) {
    std::string headers;
    for (const auto& [name, value] : made.headers) headers += (headers.empty() ? "[" : ",[") + json(name) + "," + json(value) + "]";
    return "{\"offset\":" + std::to_string(offset) + ",\"timestamp\":" + std::to_string(made.timestamp_ms) + ",\"key\":" + json(made.key) +
           ",\"value\":" + json(made.value) + ",\"headers\":[" + headers + "]}\n";
}

void add(RecordBatchBuilder& batch, const Sample& made) {
    std::vector<RecordHeaderView> headers;
    for (const auto& [name, value] : made.headers) headers.push_back({name, view(value)});
    Bytes payload;
    encode_record_payload(payload, view(made.key), view(made.value), headers);
    batch.add(UnixMillis(std::chrono::milliseconds(made.timestamp_ms)), payload);
}

bool write_file(const std::string& path, const std::string& content) {
    std::ofstream out(path, std::ios::binary);
    out << content;
    return static_cast<bool>(out.flush());
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count != 2) {
        std::fputs("usage: write_segment FOLDER\n", stderr);
        return 2;
    }
    const std::string folder = arguments[1];
    Bytes segment;
    std::string expected;
    for (int next = 0; next < record_count;) {
        const int size = 1 + next % 200;  // batches of all sizes from one record on
        RecordBatchBuilder batch(segment, Offset{next});
        for (int i = 0; i < size && next < record_count; ++i, ++next) {
            const Sample made = sample(next);
            add(batch, made);
            expected += expected_line(made, next);
        }
        batch.finish();
    }
    return write_file(folder + "/00000000000000000000.log", segment) && write_file(folder + "/expected.jsonl", expected) ? 0 : 1;
}

// remove_before LOG_DIRECTORY TOPIC PARTITION:OFFSET...
// What retention will do to a log, for tests of who reads behind it: removes what is before these offsets from the log of a gateway that
// has stopped. Whole segments go from the disk; what is left of the first one cannot be read any more.
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

#include "gateway/log_segment/segment_log.hpp"

namespace {

using namespace tenter;
using namespace tenter::log;

Result<void> remove(SegmentLog& log, std::string_view topic, std::string_view what) {
    const auto found = log.find_topic(topic);
    if (!found) return fail(found.error());
    const auto colon = what.find(':');
    if (colon == std::string_view::npos) return fail(Errc::invalid_input, "not PARTITION:OFFSET: " + std::string(what));
    const TopicPartition at{found->id, PartitionId{std::stoi(std::string(what.substr(0, colon)))}};
    return log.remove_before(at, Offset{std::stoll(std::string(what.substr(colon + 1)))});
}

Result<void> run(int count, char** arguments) {
    if (count < 4) return fail(Errc::invalid_input, "usage: remove_before LOG_DIRECTORY TOPIC PARTITION:OFFSET...");
    PosixEnv env;
    SystemClock clock;
    SegmentLogOptions options;
    options.directory = arguments[1];
    const auto log = SegmentLog::open(env, clock, std::move(options));
    if (!log) return fail(log.error());
    for (int i = 3; i < count; ++i)
        if (auto removed = remove(**log, arguments[2], arguments[i]); !removed) return removed;
    if (auto durable = (*log)->checkpoint(); !durable) return durable;
    return (*log)->stop();
}

}  // namespace

int main(int count, char** arguments) {
    try {
        const auto done = run(count, arguments);
        if (!done) std::cerr << done.error().message << '\n';
        return done ? EXIT_SUCCESS : EXIT_FAILURE;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return EXIT_FAILURE;
    }
}

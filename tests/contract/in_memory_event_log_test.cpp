// The test double keeps the port's promises, so that what passes with it means something.
#include "tests/contract/in_memory_event_log.hpp"

#include "tests/contract/event_log_contract.hpp"

namespace tenter::log::testing {
namespace {

class InMemoryUnderTest final : public LogUnderTest {
public:
    [[nodiscard]] EventLog& log() override { return log_; }
    [[nodiscard]] bool reopen() override { return false; }
    void kill_and_reopen() override {}
    [[nodiscard]] std::size_t too_large_bytes() const override { return InMemoryEventLog::max_append_bytes + 1; }

private:
    InMemoryEventLog log_;
};

INSTANTIATE_TEST_SUITE_P(InMemory, EventLogContract,
                         ::testing::Values(LogFactory{"in_memory", [] { return std::make_unique<InMemoryUnderTest>(); }}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace tenter::log::testing

#pragma once
// tests/unit/log_segment/failing_disk.hpp: a disk whose calls can be made to fail, and which forgets what a failed sync should have
// written.

#include <string>

#include "tenter/base/clock.hpp"
#include "tenter/base/env_testing.hpp"
#include "tenter/base/random.hpp"

namespace tenter::log::testing {

/// The calls of `env` are those that fail; `disk` is what is below, for `kill` and `crash`.
struct FailingDisk {
    FailingDisk() {
        env.set_on_failed_sync([this](CallKind kind, const std::string& path) {
            if (kind == CallKind::sync_filesystem) {
                disk.mark_all_clean();
            } else {
                disk.mark_clean(path);
            }
        });
    }
    CrashSimulatingEnv disk;
    FaultInjectingEnv env{disk};
    SimulatedClock clock;
    SeededRandom random{7};
};

}  // namespace tenter::log::testing

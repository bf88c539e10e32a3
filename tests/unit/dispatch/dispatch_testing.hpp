#pragma once
// tests/unit/dispatch/dispatch_testing.hpp: events in a few words.

#include <string>
#include <string_view>

#include "tenter/elytra/cloud_event.hpp"

namespace tenter::dispatch::testing {

inline elytra::CloudEvent event_of(std::string_view type, std::string_view operation = "", std::string_view id = "1") {
    elytra::CloudEvent event;
    event.id = id;
    event.source = "elytra-pim";
    event.type = "com.elytra." + std::string(type);
    if (!operation.empty()) event.extensions.push_back({"operation", std::string(operation)});
    return event;
}

}  // namespace tenter::dispatch::testing

#pragma once
// tenter/elytra/data_as.hpp: `CloudEvent::data_as<T>()`, apart from cloud_event.hpp because Boost.JSON and Boost.Describe take long to
// read.

#include "tenter/base/exception.hpp"
#include "tenter/elytra/cloud_event.hpp"
#include "tenter/event/data_as.hpp"

namespace tenter::elytra {

template <class T>
Result<T> CloudEvent::try_data_as() const {
    const auto value = try_get_data();
    if (!value) return fail(value.error());
    return event::value_as<T>(*value, "data");
}

template <class T>
T CloudEvent::data_as() const {
    return value_or_throw(try_data_as<T>());
}

}  // namespace tenter::elytra

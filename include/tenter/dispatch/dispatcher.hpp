#pragma once
// tenter/dispatch/dispatcher.hpp: which function gets an event.
//
//   event --> handlers of its type and operation, else of its type, else the default ones; all of the slot found, in order
//                    | one throws
//                    `--> error callback (event id, exception); the others still run

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "tenter/base/exception.hpp"
#include "tenter/base/result.hpp"
#include "tenter/elytra/cloud_event.hpp"
#include "tenter/elytra/event_type.hpp"
#include "tenter/elytra/operation.hpp"

namespace tenter::dispatch {

using elytra::CloudEvent;
using elytra::EventType;
using elytra::Operation;

using Handler = std::function<void(const CloudEvent& event)>;

/// A handler that threw.
struct HandlerFailure {
    const CloudEvent& event;
    std::exception_ptr exception;
    /// The text of the exception where it is a std::exception.
    [[nodiscard]] std::string message() const;
};
using ErrorCallback = std::function<void(const HandlerFailure& failure)>;

/// What to unregister. Value type.
class HandlerId {
public:
    HandlerId() = default;
    bool operator==(const HandlerId&) const = default;

private:
    friend class WebhookEventDispatcher;
    explicit HandlerId(std::uint64_t number) : number_(number) {}
    std::uint64_t number_ = 0;
};

/// How a dispatch went.
struct DispatchSummary {
    std::size_t handlers = 0;  ///< That ran. 0: nobody wanted the event.
    std::size_t failures = 0;  ///< That threw.
    bool operator==(const DispatchSummary&) const = default;
};

/// Routes events to functions. All members may be called from any thread at once, also from within a handler: `dispatch` works on the
/// handlers that were registered when it began, and holds no lock while they run.
class WebhookEventDispatcher {
public:
    /// `type_prefix` stands before the event type in a CloudEvent's `type`.
    explicit WebhookEventDispatcher(std::string type_prefix = std::string(elytra::default_type_prefix));
    WebhookEventDispatcher(const WebhookEventDispatcher&) = delete;
    WebhookEventDispatcher& operator=(const WebhookEventDispatcher&) = delete;
    ~WebhookEventDispatcher();

    /// For events of that type, and that operation where one is given. Throws Exception for an empty function.
    HandlerId register_handler(Handler handler, EventType event_type, std::optional<Operation> operation = std::nullopt);
    /// For events that no other handler is registered for.
    HandlerId register_default_handler(Handler handler);

    /// Gives the handler the event's data as T (`CloudEvent::data_as`; include <tenter/elytra/data_as.hpp>): `handler(event, data)`. Data
    /// that does not fit counts as this handler's failure.
    template <class T, class TypedHandler>
    HandlerId register_handler(TypedHandler handler, EventType event_type, std::optional<Operation> operation = std::nullopt) {
        return register_handler(Handler([handler = std::move(handler)](const CloudEvent& event) {
                                    const T data = event.template data_as<T>();
                                    handler(event, data);
                                }),
                                std::move(event_type), std::move(operation));
    }

    /// False if there is no such handler any more. It may still run in a dispatch that began before.
    bool unregister(const HandlerId& id);

    /// Told of every handler that throws; what it throws itself is dropped. Default: failures are only counted.
    void set_error_callback(ErrorCallback callback);

    /// Runs the handlers on this thread. Throws nothing of theirs.
    DispatchSummary dispatch(const CloudEvent& event) const;

private:
    struct Table;
    [[nodiscard]] std::shared_ptr<const Table> table() const;
    template <class Change>
    void change_table(Change change);

    const std::string type_prefix_;
    std::mutex changing_;  ///< One change at a time; readers take the table that stands.
    std::uint64_t last_number_ = 0;
    mutable std::mutex reading_;  ///< Held to copy the pointer only. (std::atomic<std::shared_ptr> of libstdc++ 12 has a data race.)
    std::shared_ptr<const Table> table_;
};

/// As users of the Python package know it.
using SimpleWebhookEventDispatcher = WebhookEventDispatcher;

}  // namespace tenter::dispatch

#include "tenter/dispatch/dispatcher.hpp"

#include <unordered_map>
#include <vector>

namespace tenter::dispatch {
namespace {

struct Registered {
    std::uint64_t number = 0;
    Handler handler;
};
using Slot = std::vector<Registered>;

/// The handlers of one event type.
struct TypeSlots {
    Slot every_operation;
    std::unordered_map<Operation, Slot> by_operation;
};

bool erase(Slot& slot, std::uint64_t number) {
    return std::erase_if(slot, [number](const Registered& registered) { return registered.number == number; }) > 0;
}

}  // namespace

std::string HandlerFailure::message() const {
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

/// Immutable once it is the dispatcher's.
struct WebhookEventDispatcher::Table {
    std::unordered_map<EventType, TypeSlots> by_type;
    Slot defaults;
    ErrorCallback on_error;

    /// The most specific slot that has handlers.
    [[nodiscard]] const Slot& find(const CloudEvent& event, std::string_view type_prefix) const {
        const auto event_type = by_type.empty() ? std::nullopt : event.get_event_type(type_prefix);
        const auto of_type = event_type ? by_type.find(*event_type) : by_type.end();
        if (of_type == by_type.end()) return defaults;
        const TypeSlots& slots = of_type->second;
        if (!slots.by_operation.empty()) {
            const auto operation = event.get_operation();
            const auto of_operation = operation ? slots.by_operation.find(*operation) : slots.by_operation.end();
            if (of_operation != slots.by_operation.end()) return of_operation->second;
        }
        return slots.every_operation.empty() ? defaults : slots.every_operation;
    }

    void report(const HandlerFailure& failure) const {
        if (!on_error) return;
        try {
            on_error(failure);
        } catch (...) {  // there is nobody left to tell
        }
    }

    bool unregister(std::uint64_t number) {
        if (erase(defaults, number)) return true;
        for (auto& [type, slots] : by_type) {
            if (erase(slots.every_operation, number)) return true;
            for (auto it = slots.by_operation.begin(); it != slots.by_operation.end(); ++it) {
                if (!erase(it->second, number)) continue;
                if (it->second.empty()) slots.by_operation.erase(it);
                return true;
            }
        }
        return false;
    }
};

WebhookEventDispatcher::WebhookEventDispatcher(std::string type_prefix)
    : type_prefix_(std::move(type_prefix)), table_(std::make_shared<const Table>()) {}

WebhookEventDispatcher::~WebhookEventDispatcher() = default;

template <class Change>
void WebhookEventDispatcher::change_table(Change change) {
    std::shared_ptr<const Table> replaced;  // ends after both locks, and with it the handlers that only it held
    const std::lock_guard lock(changing_);
    auto changed = std::make_shared<Table>(*table_);
    change(*changed);
    replaced = std::move(changed);
    const std::lock_guard swapping(reading_);
    table_.swap(replaced);
}

std::shared_ptr<const WebhookEventDispatcher::Table> WebhookEventDispatcher::table() const {
    const std::lock_guard lock(reading_);
    return table_;
}

HandlerId WebhookEventDispatcher::register_handler(Handler handler, EventType event_type, std::optional<Operation> operation) {
    if (!handler) throw Exception(Error{Errc::invalid_input, "handler: no function", 0});
    std::uint64_t number = 0;
    change_table([&](Table& table) {
        number = ++last_number_;
        auto& slots = table.by_type[std::move(event_type)];
        auto& slot = operation ? slots.by_operation[*operation] : slots.every_operation;
        slot.push_back({number, std::move(handler)});
    });
    return HandlerId(number);
}

HandlerId WebhookEventDispatcher::register_default_handler(Handler handler) {
    if (!handler) throw Exception(Error{Errc::invalid_input, "handler: no function", 0});
    std::uint64_t number = 0;
    change_table([&](Table& table) {
        number = ++last_number_;
        table.defaults.push_back({number, std::move(handler)});
    });
    return HandlerId(number);
}

bool WebhookEventDispatcher::unregister(const HandlerId& id) {
    bool found = false;
    change_table([&](Table& table) { found = table.unregister(id.number_); });
    return found;
}

void WebhookEventDispatcher::set_error_callback(ErrorCallback callback) {
    change_table([&](Table& table) { table.on_error = std::move(callback); });
}

DispatchSummary WebhookEventDispatcher::dispatch(const CloudEvent& event) const {
    const auto current = table();
    DispatchSummary summary;
    for (const auto& registered : current->find(event, type_prefix_)) {
        ++summary.handlers;
        try {
            registered.handler(event);
        } catch (...) {
            ++summary.failures;
            current->report({event, std::current_exception()});
        }
    }
    return summary;
}

}  // namespace tenter::dispatch

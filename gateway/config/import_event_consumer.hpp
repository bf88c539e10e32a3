#pragma once
// gateway/config/import_event_consumer.hpp: from the document that tells Elytra where to send to the configuration that receives it.

#include <string>
#include <vector>

#include "tenter/base/result.hpp"
#include "tenter/elytra/event_consumer.hpp"

namespace tenter::config {

struct ImportedSources {
    std::string toml;                    ///< `[[source]]` tables that `tenter config check` accepts once the variables are set.
    std::vector<std::string> variables;  ///< Environment variables that must hold the secrets; empty with secrets in the text.
};

/// One source for each path that is posted to. Secrets are `{ env = "NAME" }`, or stand in the text when `with_secrets`. `invalid_input`
/// where two webhooks post to one path with different credentials, and for a path that the gateway keeps for itself.
[[nodiscard]] Result<ImportedSources> import_event_consumer(const elytra::EventConsumer& consumer, bool with_secrets);

}  // namespace tenter::config

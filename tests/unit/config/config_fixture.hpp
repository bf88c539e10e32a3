#pragma once
// tests/unit/config/config_fixture.hpp: a configuration, its environment and a folder for secret files, in few words.

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/config.hpp"

namespace tenter::config {

/// Whole as PEM goes; no certificate.
inline constexpr std::string_view certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

class ConfigTest : public testing::Test {
protected:
    ConfigTest() {
        char pattern[] = "/tmp/tenter-config-test-XXXXXX";
        folder_ = ::mkdtemp(pattern);
    }
    ~ConfigTest() override { std::filesystem::remove_all(folder_); }

    void write_file(const std::string& name, std::string_view content) {
        auto file = env_.open(folder_ + "/" + name, OpenMode::create);
        ASSERT_TRUE(file && write_all(**file, content, 0));
    }
    auto parsed(std::string_view text) {
        return parse(env_, text, folder_ + "/tenter.toml", [this](const std::string& name) -> std::optional<std::string> {
            const auto found = variables_.find(name);
            return found == variables_.end() ? std::nullopt : std::optional(found->second);
        });
    }
    /// "line:column key: message" of every fault, a line each; empty where there is none.
    std::string faults(std::string_view text) {
        const auto config = parsed(text);
        std::string lines;
        if (config) return lines;
        for (const auto& fault : config.error())
            lines += std::to_string(fault.line) + ":" + std::to_string(fault.column) + " " + fault.key + ": " + fault.message + "\n";
        return lines;
    }
    Config must_parse(std::string_view text) {
        auto config = parsed(text);
        EXPECT_TRUE(config) << faults(text);
        return config ? std::move(*config) : Config{};
    }

    PosixEnv env_;
    std::string folder_;
    std::map<std::string, std::string> variables_;
};

}  // namespace tenter::config

// Goal: the tables are Kafka's. Method: Kafka's library prints its own schemas, error codes and keys (KafkaOracle.java); ours must be the
// same, word by word, in every version that is offered.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "gateway/kafka_protocol/api.hpp"
#include "gateway/kafka_protocol/error_code.hpp"
#include "gateway/kafka_protocol/messages.hpp"
#include "golden.hpp"
#include "text_form.hpp"

namespace {

using namespace tenter;
using namespace tenter::kafka_protocol;

template <class Message>
void add_schemas(std::vector<std::string>& lines, std::string_view kind,
                 std::int16_t (*header_version)(const Api&, std::int16_t) noexcept) {
    const Api api = *find_api(Message::api_key);
    for (std::int16_t version = api.offered.first; version <= api.offered.last; ++version) {
        std::ostringstream line;
        line << kind << ' ' << static_cast<int>(api.key) << ' ' << version << " header " << header_version(api, version) << ' '
             << schema_text<Message>(version, api.is_flexible(version));
        lines.push_back(line.str());
    }
}

TEST(Schemas, are_those_of_kafka_in_every_version_that_is_offered) {
    std::vector<std::string> ours;
    AllExchanges::find([&]<class RequestType, class ResponseType>() {
        add_schemas<RequestType>(ours, "request", request_header_version);
        add_schemas<ResponseType>(ours, "response", response_header_version);
        return false;
    });
    const auto theirs = golden_lines("schemas.txt");
    ASSERT_GT(theirs.size(), 100U);
    ASSERT_EQ(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_EQ(ours[i], theirs[i]);
}

TEST(Names, of_keys_are_those_of_kafka) {
    std::vector<std::string> ours;
    for (const auto& api : offered_apis())
        ours.push_back(std::to_string(static_cast<int>(api.key)) + " " + std::string(to_string(api.key)));
    EXPECT_EQ(ours, golden_lines("keys.txt"));
    EXPECT_EQ(to_string(ApiKey{99}), "");
}

TEST(Names, of_error_codes_are_those_of_kafka) {
    std::size_t known = 0;
    for (const auto& line : golden_lines("errors.txt")) {
        const auto space = line.find(' ');
        const auto name = to_string(ErrorCode{static_cast<std::int16_t>(std::stoi(line.substr(0, space)))});
        if (name.empty()) continue;
        ++known;
        EXPECT_EQ(name, line.substr(space + 1));
    }
    EXPECT_EQ(known, 42U) << "every code has a name of Kafka's";
    EXPECT_EQ(to_string(ErrorCode{-2}), "");
}

TEST(Messages, of_each_offered_key_are_listed_in_its_order) {
    std::vector<ApiKey> listed;
    AllExchanges::find([&]<class RequestType, class ResponseType>() {
        listed.push_back(RequestType::api_key);
        EXPECT_EQ(RequestType::type_name, std::string(to_string(RequestType::api_key)) + "Request");
        EXPECT_EQ(ResponseType::type_name, std::string(to_string(RequestType::api_key)) + "Response");
        return false;
    });
    std::vector<ApiKey> offered;
    std::ranges::transform(offered_apis(), std::back_inserter(offered), &Api::key);
    EXPECT_EQ(listed, offered);
}

TEST(Messages, take_the_names_of_their_fields_from_their_members) {
    EXPECT_EQ(field<&FetchPartition::partition_max_bytes>().name(), "partition_max_bytes");
    EXPECT_EQ(field<&RequestHeader::client_id>().name(), "client_id");
}

}  // namespace

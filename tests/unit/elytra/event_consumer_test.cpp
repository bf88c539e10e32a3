// protocols, the Elytra package's item 11.
#include "tenter/elytra/event_consumer.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/base/exception.hpp"

namespace tenter::elytra {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view example = R"(<event-consumer>
  <type>webhook</type>
  <events><event>
    <types><type>product</type><type>product_attribute_value</type></types>
    <operations><operation>add</operation><operation>modify</operation><operation>remove</operation></operations>
    <webhook><url>https://your-app.com/webhook/elytra</url><method>post</method>
      <auth-type>basic</auth-type><username>elytra</username><password>secure_password</password></webhook>
  </event></events>
  <retry maxRetries="5" initialDelay="1000" backoffMultiplier="2.0"/>
  <cloudevents source="elytra-pim" typePrefix="com.elytra"/>
</event-consumer>
)";

std::string replaced(std::string_view what, std::string_view with) {
    std::string xml(example);
    const auto at = xml.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return xml.replace(at, what.size(), with);
}

std::vector<std::string> faults_of(std::string_view xml) {
    const auto parsed = try_parse_event_consumer(xml);
    std::vector<std::string> texts;
    if (!parsed)
        for (const auto& fault : parsed.error()) texts.push_back(to_string(fault));
    return texts;
}

TEST(EventConsumer, is_read_with_all_its_elements) {
    const auto consumer = parse_event_consumer(example);
    ASSERT_EQ(consumer.events.size(), 1U);
    const auto& event = consumer.events[0];
    EXPECT_THAT(event.types, ElementsAre(EventType::product, EventType::product_attribute_value));
    EXPECT_THAT(event.operations, ElementsAre(Operation::add, Operation::modify, Operation::remove));
    EXPECT_EQ(event.webhook.url, "https://your-app.com/webhook/elytra");
    EXPECT_EQ(event.webhook.method, "post");
    const auto& basic = std::get<BasicAuthentication>(event.webhook.authentication);
    EXPECT_EQ(basic.username, "elytra");
    EXPECT_EQ(basic.password.reveal(), "secure_password");
    EXPECT_EQ(consumer.retry, retry::RetryConfig());
    EXPECT_EQ(consumer.source, "elytra-pim");
    EXPECT_EQ(consumer.type_prefix, "com.elytra");
}

TEST(EventConsumer, has_defaults_for_what_is_not_there) {
    const auto consumer = parse_event_consumer(R"(<?xml version="1.0" encoding="UTF-8"?><!-- a comment -->
        <event-consumer><type> webhook </type><events><event><types><type>price_list</type></types>
        <webhook><url>http://localhost:8000/</url><auth-type>none</auth-type></webhook></event></events></event-consumer>)");
    EXPECT_EQ(consumer.retry, retry::RetryConfig());
    EXPECT_EQ(consumer.source, "elytra-pim");
    EXPECT_EQ(consumer.type_prefix, "com.elytra");
    EXPECT_EQ(consumer.events[0].webhook.method, "post");
    EXPECT_THAT(consumer.events[0].types, ElementsAre(EventType("price_list")));
    EXPECT_THAT(consumer.events[0].operations, IsEmpty());
}

TEST(EventConsumer, knows_all_kinds_of_authentication) {
    const std::string_view basic = "<auth-type>basic</auth-type><username>elytra</username><password>secure_password</password>";
    const auto authentication = [&](std::string_view xml) {
        return parse_event_consumer(replaced(basic, xml)).events.at(0).webhook.authentication;
    };
    EXPECT_EQ(std::get<BearerAuthentication>(authentication("<auth-type>Bearer</auth-type><token>t&amp;&#x31;</token>")).token.reveal(),
              "t&1");
    const auto key = authentication("<auth-type>apikey</auth-type><api-key><![CDATA[k<&>]]></api-key>");
    EXPECT_EQ(std::get<ApiKeyAuthentication>(key).api_key.reveal(), "k<&>");
    EXPECT_EQ(std::get<ApiKeyAuthentication>(key).header_name, "X-API-Key");
    const auto named = authentication("<auth-type>apikey</auth-type><header-name>X-Elytra</header-name><api-key>k</api-key>");
    EXPECT_EQ(std::get<ApiKeyAuthentication>(named).header_name, "X-Elytra");
    EXPECT_TRUE(std::holds_alternative<NoAuthentication>(authentication("<auth-type>none</auth-type>")));
}

TEST(EventConsumer, reports_a_fault_with_line_column_and_what_was_expected) {
    const struct {
        std::string_view what, with, fault;
    } cases[] = {
        {"<type>webhook</type>", "<type>mail</type>", "2:3: <type>: webhook expected"},
        {"<type>webhook</type>", "", "1:1: <event-consumer>: <type> is missing"},
        {"<type>webhook</type>", "<type>webhook</type><typ/>", "2:23: <typ> is unknown in <event-consumer>; did you mean type?"},
        {"<retry ", "<retry/>\n  <retry ", "10:3: <retry> stands there twice"},
        {"maxRetries=\"5\"", "maxRetries=\"-1\"", "9:3: <retry> maxRetries: a whole number from 0 to 4294967295 expected"},
        {"maxRetries=\"5\"", "maxRetries=\"4294967296\"", "9:3: <retry> maxRetries: a whole number from 0 to 4294967295 expected"},
        {"maxRetries=\"5\"", "maxretries=\"5\"", "9:3: <retry>: the attribute maxretries is unknown; did you mean maxRetries?"},
        {"maxRetries=\"5\"", "maxRetries=\"5\" maxRetries=\"6\"", "9:3: <retry>: the attribute maxRetries stands there twice"},
        {"initialDelay=\"1000\"", "initialDelay=\"1s\"", "9:3: <retry> initialDelay: milliseconds as a whole number expected"},
        {"backoffMultiplier=\"2.0\"", "backoffMultiplier=\"0.5\"", "9:3: <retry> backoff_multiplier: must be a number of at least 1"},
        {"backoffMultiplier=\"2.0\"", "backoffMultiplier=\"nan\"", "9:3: <retry> backoff_multiplier: must be a number of at least 1"},
        {"source=\"elytra-pim\"", "source=\"\"", "10:3: <cloudevents> source: must not be empty"},
        {"<url>https://your-app.com/webhook/elytra</url>", "<url>ftp://x/</url>",
         "6:14: <url>: a URL that begins with https:// or http:// expected"},
        {"<method>post</method>", "<method>get</method>", "6:60: <method>: post, put or patch expected"},
        {"<auth-type>basic", "<auth-type>basik", "7:7: <auth-type>: basic, bearer, apikey or none expected"},
        {"<password>secure_password</password>", "", "6:5: <webhook>: <password> is missing"},
        {"<password>secure_password</password>", "<password></password>", "7:62: <password>: must not be empty"},
        {"<password>secure_password", "<password> hunter2", "7:62: <password>: must not have white space around it"},
        {"<username>elytra", "<username>ely:tra", "7:35: <username>: must not hold a colon (RFC 7617)"},
        {"<auth-type>basic</auth-type>", "<auth-type>bearer</auth-type><token>t</token>",
         "7:52: <username> does not belong to <auth-type>bearer"},
        {"<type>product</type>", "<type></type>", "4:12: <type>: must not be empty"},
        {"<type>product</type>", "<type>product</type><type>product</type>", "4:32: <type>: product stands there twice"},
        {"<type>product</type><type>product_attribute_value</type>", "", "4:5: <types>: at least one <type> expected"},
        {"<type>product</type>", "<type><b>product</b></type>", "4:18: <b> is unknown in <type>"},
        {"<type>product</type>", "<type x='1'>product</type>", "4:12: <type>: the attribute x is unknown"},
        {"<types>", "<types>stray", "4:5: <types>: text is not expected here"},
        {"<event-consumer>", "<event-consumers>", "11:3: not well-formed: Start-end tags mismatch"},
    };
    for (const auto& [what, with, fault] : cases) {
        const auto faults = faults_of(replaced(what, with));
        EXPECT_THAT(faults, testing::Contains(HasSubstr(fault))) << with;
        for (const auto& text : faults) EXPECT_THAT(text, Not(HasSubstr("hunter2")));
    }
    EXPECT_THAT(faults_of("<consumer/>"), ElementsAre("1:1: expected <event-consumer>, found <consumer>"));
}

TEST(EventConsumer, reports_every_fault_in_the_order_of_the_document) {
    const auto faults = faults_of(R"(<event-consumer>
  <type>mail</type>
  <events>
    <event><types/><webhook><url/></webhook></event>
    <event/>
  </events>
  <retry maxRetries="x" initialDelay="y"/>
</event-consumer>)");
    EXPECT_THAT(faults,
                ElementsAre("2:3: <type>: webhook expected", "4:12: <types>: at least one <type> expected",
                            "4:20: <webhook>: <auth-type> is missing", "4:29: <url>: must not be empty", "5:5: <event>: <types> is missing",
                            "5:5: <event>: <webhook> is missing", "7:3: <retry> initialDelay: milliseconds as a whole number expected",
                            "7:3: <retry> maxRetries: a whole number from 0 to 4294967295 expected"));
    try {
        static_cast<void>(parse_event_consumer("<a/>"));
        FAIL() << "nothing was thrown";
    } catch (const Exception& error) {
        EXPECT_STREQ(error.what(), "1:1: expected <event-consumer>, found <a>");
    }
}

TEST(EventConsumer, refuses_a_DOCTYPE_unknown_entities_and_what_is_not_one_document) {
    const std::string document(example);
    const std::pair<std::string, std::string_view> cases[] = {
        {"<!DOCTYPE event-consumer [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" + document, "a DOCTYPE is not taken"},
        {"\n <!DOCTYPE html>" + document, "2:2: a DOCTYPE is not taken"},
        {replaced("elytra</username>", "&x;</username>"), "7:45: an entity that XML itself does not know"},
        {replaced("elytra</username>", "a&b</username>"), "an entity that XML itself does not know"},
        {replaced("elytra</username>", "&#0;</username>"), "an entity that XML itself does not know"},
        {replaced("elytra</username>", "&#xD800;</username>"), "an entity that XML itself does not know"},
        {replaced("\"elytra-pim\"", "\"&nbsp;\""), "an entity that XML itself does not know"},
        {replaced("\"elytra-pim\"", "\"<!--\""), "10:24: not well-formed: '<' in the value of an attribute"},
        {replaced("\"elytra-pim\"", "'<![CDATA[&x;'"), "'<' in the value of an attribute"},
        {replaced("elytra</username>", "<![CDATA[]]>&x;</username>"), "an entity that XML itself does not know"},
        {document + document, "a second root element"},
        {"text" + document, "text outside of the root element"},
        {document + "text", "text outside of the root element"},
        {"", "no element"},
        {"<!-- only a comment -->", "no element"},
        {replaced("elytra</username>", "\xFF</username>"), "not UTF-8"},
        {replaced("elytra</username>", "\x01</username>"), "7:45: a control character"},
        {std::string((1 << 20) + 1, ' '), "over 1 MiB"},
        {std::string(100'000, '<'), "not well-formed"},
    };
    for (const auto& [xml, fault] : cases) EXPECT_THAT(faults_of(xml), ElementsAre(HasSubstr(fault))) << xml.substr(0, 100);
    EXPECT_THAT(faults_of("\xEF\xBB\xBF" + document), IsEmpty()) << "a byte order mark may stand before it";
    EXPECT_THAT(faults_of(replaced("<type>webhook", "<!-- &x; <!DOCTYPE a> --><type>webhook")), IsEmpty());
}

TEST(EventConsumer, refuses_a_document_cut_at_any_byte) {
    const std::string_view whole = example.substr(0, example.size() - 1);  // without its last line feed
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(try_parse_event_consumer(whole.substr(0, size))) << size;
}

std::string random_text(std::mt19937& random, std::string_view alphabet) {
    std::string text;
    for (std::size_t i = 0, size = 1 + random() % 8; i < size; ++i) text += alphabet[random() % alphabet.size()];
    return text;
}

Authentication random_authentication(std::mt19937& random) {
    constexpr std::string_view any = "aZ0<>&\"']]>;#";
    switch (random() % 4) {
        case 0: return BasicAuthentication{random_text(random, any), Secret(random_text(random, any))};
        case 1: return BearerAuthentication{Secret(random_text(random, any))};
        case 2: return ApiKeyAuthentication{Secret(random_text(random, any)), random_text(random, "aX-")};
        default: return NoAuthentication{};
    }
}

EventConsumer random_consumer(std::mt19937& random) {
    EventConsumer consumer;
    for (std::size_t i = 0, count = 1 + random() % 3; i < count; ++i) {
        Subscription event;
        event.types = {EventType::product, EventType(random_text(random, "xyz_<&"))};
        if (random() % 2 == 0) event.operations = {Operation::link, Operation(random_text(random, "xyz>\""))};
        event.webhook = {"https://host/" + random_text(random, "ab/?&="), random() % 2 == 0 ? "post" : "put",
                         random_authentication(random)};
        consumer.events.push_back(std::move(event));
    }
    consumer.retry.max_retries = static_cast<std::uint32_t>(random());
    consumer.retry.backoff_multiplier = 1 + static_cast<double>(random()) / 1e9;
    consumer.retry.initial_delay = std::chrono::milliseconds(random() % 1000);
    consumer.source = random_text(random, "ab<&\"'");
    consumer.type_prefix = random_text(random, "a.b");
    return consumer;
}

TEST(EventConsumer, is_the_same_after_it_was_written_and_read) {
    const unsigned seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int i = 0; i < 500; ++i) {
        const auto consumer = random_consumer(random);
        const auto xml = try_write_event_consumer(consumer);
        ASSERT_TRUE(xml) << xml.error().message;
        EXPECT_TRUE(parse_event_consumer(*xml) == consumer) << *xml;
    }
    EXPECT_TRUE(parse_event_consumer(write_event_consumer(parse_event_consumer(example))) == parse_event_consumer(example));
}

TEST(EventConsumer, is_not_written_where_no_document_could_hold_it) {
    for (const std::string_view token : {" padded"sv, "carriage\r"sv, "nul\0in it"sv, "\x01"sv, "\xFF"sv, ""sv}) {
        auto consumer = parse_event_consumer(example);
        consumer.events[0].webhook.authentication = BearerAuthentication{Secret(Bytes(token))};
        EXPECT_FALSE(try_write_event_consumer(consumer)) << token;
    }
    auto consumer = parse_event_consumer(example);
    consumer.source = "nul\0in it"s;
    EXPECT_FALSE(try_write_event_consumer(consumer));
    consumer = parse_event_consumer(example);
    consumer.events.clear();
    EXPECT_THROW(static_cast<void>(write_event_consumer(consumer)), Exception);
}

/// Each would take minutes if the time grew with the square of the size.
TEST(EventConsumer, is_read_in_time_that_grows_with_its_size_only) {
    std::string unknown, lines, types, attributes;
    for (int i = 0; i < 20'000; ++i) {
        unknown += "<a/>";
        lines += "\n<events/>";
        types += "<type>t" + std::to_string(i) + "</type>";
        attributes += " a=''";
    }
    EXPECT_EQ(faults_of("<event-consumer>" + unknown + lines + "</event-consumer>").size(), 40'001U);
    EXPECT_EQ(faults_of(replaced("</types>", types + types + "</types>")).size(), 20'000U);
    EXPECT_EQ(faults_of(replaced("<retry", "<retry" + attributes)).size(), 20'000U);
}

}  // namespace
}  // namespace tenter::elytra

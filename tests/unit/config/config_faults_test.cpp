#include <fstream>
#include <sstream>

#include "tests/unit/config/config_fixture.hpp"

namespace tenter::config {
namespace {

using testing::HasSubstr;
using testing::Not;

class ConfigFaults : public ConfigTest {};

TEST_F(ConfigFaults, name_the_place_and_the_nearest_known_key) {
    EXPECT_EQ(faults("[http]\nmax_bdy = \"1MiB\"\n"), "2:1 http.max_bdy: unknown key; did you mean \"max_body\"?\n");
    EXPECT_EQ(faults("[htp]\n"), "1:2 htp: unknown key; did you mean \"http\"?\n");
    EXPECT_EQ(faults("colour = 1\n"), "1:1 colour: unknown key\n");
}

TEST_F(ConfigFaults, all_come_in_one_go_in_the_order_of_the_file) {
    EXPECT_EQ(faults("[http]\nthreads = \"two\"\nidle_timeout = 75\n[log]\nqueue = \"1MB\"\n[[source]]\nname = \"_x\"\n"),
              "2:11 http.threads: expected a whole number, found a text\n"
              "3:16 http.idle_timeout: expected a text, found a number\n"
              "5:9 log.queue: expected a size with its unit, like \"64KiB\", \"1MiB\" or \"1GiB\"\n"
              "6:1 source[0].verify: missing: how the sender is proven, like { scheme = \"github\", ... }; or say verify = \"none\"\n"
              "7:8 source[0].name: must not begin with \"_\": such topics are internal\n");
}

TEST_F(ConfigFaults, of_syntax_stand_alone) {
    const std::string text = faults("[http\nmax_bdy = 1\n");
    EXPECT_THAT(text, HasSubstr("1:6 : not TOML: "));
    EXPECT_EQ(std::ranges::count(text, '\n'), 1);
}

TEST_F(ConfigFaults, say_not_yet_to_what_a_later_version_serves) {
    for (const char* text :
         {"[[destination]]", "[admin]", "[http]\ntls = {}", "[http]\ntrusted_proxies = []",
          "[[source]]\nname='a'\nverify='none'\ndedupe = {}", "[[source]]\nname='a'\nverify='none'\nretention = {}",
          "[[source]]\nname='a'\nverify='none'\nrate = '1/s'", "[[source]]\nname='a'\nverify='none'\nallow_from = []",
          "[[source]]\nname='a'\nverify='none'\nrespond = {}", "[[source]]\nname='a'\nverify='none'\nchallenge = 'slack'",
          "[[source]]\nname='a'\nverify='none'\nformat = 'cloudevents'"})
        EXPECT_THAT(faults(text), HasSubstr("not yet")) << text;
}

TEST_F(ConfigFaults, of_the_example_are_only_what_is_not_served_yet) {
    std::ifstream file(TENTER_SOURCE_DIR "/tests/unit/config/example.toml");
    std::stringstream text;
    text << file.rdbuf();
    variables_ = {{"ELYTRA_PASSWORD", "p"}, {"GITHUB_OLD_SECRET", "s"}, {"PARTNER_SECRET", "s"}, {"KAFKA_PASSWORD", "p"}};
    write_file("github.secret", "s\n");
    write_file("kafka-ca.pem", certificate);
    std::istringstream lines(faults(text.str()));
    std::vector<std::string> places;
    for (std::string line; std::getline(lines, line);) {
        EXPECT_THAT(line, HasSubstr("not yet")) << line;
        places.push_back(line.substr(0, line.find(": ")));
    }
    EXPECT_THAT(places, testing::ElementsAre("17:1 http.trusted_proxies", "33:1 source[0].dedupe", "34:1 source[0].retention",
                                             "47:1 source[1].dedupe", "71:3 destination", "104:2 admin"));
}

TEST_F(ConfigFaults, of_a_cluster_show_no_value_that_may_hold_a_password) {
    const std::string named = "username = 'u'\npassword = 'p'\n";
    write_file("empty.pem", "");
    const std::pair<std::string, const char*> cases[] = {
        {"[forward]", "1:1 forward.bootstrap: missing: the brokers"},
        {"[forward]", "1:1 forward.username: missing: the user"},
        {"[forward]", "1:1 forward.password: missing: the user's password"},
        {"[log]\nkind = 'kafka'", "1:1 log.bootstrap: missing: the brokers"},
        {"[forward]\nbootstrap = []\n" + named, "2:13 forward.bootstrap: expected at least one broker"},
        {"[forward]\nbootstrap = ['k:1', 'u:s3cret@k']\n" + named, "2:13 forward.bootstrap: entry 2 is not \"host:port\""},
        {"[forward]\nbootstrap = 'k:1'\n" + named, "2:13 forward.bootstrap: expected a list of texts, found a text"},
        {"[forward]\nbootstrap = ['k:1']\nca = 'empty.pem'\n" + named, "empty.pem: no \"-----BEGIN CERTIFICATE-----\" in it"},
        {"[forward]\nbootstrap = ['k:1']\nca = 'absent.pem'\n" + named, "absent.pem"},
        {"[forward]\nbootstrap = ['k:1']\ntopic = 'incoming'\n" + named, "3:9 forward.topic: expected \"{source}\" once"},
        {"[forward]\nbootstrap = ['k:1']\ntopic = '{source}{source}'\n" + named, "3:9 forward.topic: expected \"{source}\" once"},
        {"[forward]\nbootstrap = ['k:1']\ntopic = 'a b{source}'\n" + named, "3:9 forward.topic: expected \"{source}\" once"},
        {"[forward]\nbootstrap = ['k:1']\noversize = 'ded'\n" + named, "expected one of stop, dead; did you mean \"dead\"?"},
        {"[log]\nbootstrap = ['k:1']", "2:13 log.bootstrap: only with kind = \"kafka\""},
        {"[log]\nkind = 'kafka'\njournal = '64MiB'", "3:11 log.journal: only with kind = \"segment\""},
        {"[log]\nkind = 'kafka'\ncreate_topics = 1", "3:17 log.create_topics: expected true or false, found a number"},
        {"[log]\nkind = 'kafka'\nbootstrap = ['k:1']\n" + named + "[forward]\nbootstrap = ['k:1']\n" + named,
         "forward: needs log.kind = \"segment\""},
        {"[forward]\nbootstrap = ['k:1']\ntopic = 'incoming.{source}'\n" + named + "[[source]]\nverify = 'none'\nname = '" +
             std::string(241, 'n') + "'",
         "topic: over 249 characters"},
    };
    for (const auto& [text, expected] : cases) EXPECT_THAT(faults(text), HasSubstr(expected)) << text;
    EXPECT_THAT(faults("[forward]\nbootstrap = ['u:s3cret@k']"), Not(HasSubstr("s3cret")));
}

TEST_F(ConfigFaults, of_the_listener_for_consumers_say_what_was_expected) {
    write_file("certificate.pem", certificate);
    write_file("empty.pem", "");
    write_file("key.pem", "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n");
    const std::pair<std::string, const char*> cases[] = {
        {"listen = ['localhost:9092']", "2:10 kafka.listen: expected a numeric address and a port"},
        {"listen = 9092", "2:10 kafka.listen: expected a list of texts, found a number"},
        {"advertise = 'webhooks.example'", "2:13 kafka.advertise: expected a host and a port"},
        {"advertise = 'a b:9092'", "2:13 kafka.advertise: expected a host and a port"},
        {"topic_prefix = 'incoming/'", "2:16 kafka.topic_prefix: expected letters, digits, '.', '_' or '-'"},
        {"topic_prefix = '__consumer'", "2:16 kafka.topic_prefix: must not begin with \"__\""},
        {"topic_prefix = 'p.'\n[[source]]\nverify = 'none'\nname = '" + std::string(243, 'n') + "'",
         "kafka: topic_prefix: over 249 characters with the source name"},
        {"min_tls = '1.1'", "2:11 kafka.min_tls: expected one of 1.3, 1.2"},
        {"min_tls = 1.2", "2:11 kafka.min_tls: expected a text, found a fraction"},
        {"max_connections = 1", "2:19 kafka.max_connections: must be from 2 to 1000000"},
        {"max_connections_per_consumer = 0", "2:32 kafka.max_connections_per_consumer: must be from 1 to 1000000"},
        {"max_request = '65MiB'", "2:15 kafka.max_request: must be from 64KiB to 64MiB"},
        {"max_request = 8_388_608", "2:15 kafka.max_request: expected a text, found a number"},
        {"fetch_memory = '1MiB'", "2:16 kafka.fetch_memory: must be from 4MiB to 16GiB"},
        {"idle_timeout = '999ms'", "2:16 kafka.idle_timeout: must be from 1s to 30d"},
        {"idle_timeout = '31d'", "2:16 kafka.idle_timeout: must be from 1s to 30d"},
        {"idle_timeout = '0s'", "2:16 kafka.idle_timeout: expected a duration with its unit"},
        {"max_idle = '1m'", "2:1 kafka.max_idle: unknown key"},
        {"tls = {}", "2:7 kafka.tls.certificate: missing: the file with the server's certificate"},
        {"tls = { certificate = 'certificate.pem' }", "2:7 kafka.tls.key: missing: the file with the certificate's key"},
        {"tls = { certificate = 'absent.pem', key = 'key.pem' }", "absent.pem: open: No such file"},
        {"tls = { certificate = 'key.pem', key = 'key.pem' }", "key.pem: no \"-----BEGIN CERTIFICATE-----\" in it"},
        {"tls = { certificate = 'certificate.pem', key = 'certificate.pem' }", "certificate.pem: no private key in it"},
        {"tls = { certificate = 'certificate.pem', key = 'key.pem', ca = 'key.pem' }", "kafka.tls.ca: "},
        {"tls = { certificate = 'certificate.pem', key = 'empty.pem' }", "empty.pem: no private key in it"},
        {"tls = { certificate = 'empty.pem', key = 'key.pem' }", "empty.pem: no \"-----BEGIN"},
        {"tls = { cert = 'a' }", "kafka.tls.cert: unknown key"},
        {"[log]\nkind = 'kafka'\nbootstrap = ['k:1']\nusername = 'u'\npassword = 'p'", "1:1 kafka: needs log.kind = \"segment\""},
    };
    for (const auto& [text, expected] : cases) {
        const std::string found = faults("[kafka]\n" + text);
        EXPECT_THAT(found, HasSubstr(expected)) << text;
        EXPECT_THAT(found, Not(HasSubstr("s3cret")));
    }
}

TEST_F(ConfigFaults, of_values_say_what_was_expected) {
    const std::pair<const char*, const char*> cases[] = {
        {"[http]\nmax_body = '1KiB'", "2:12 http.max_body: must be from 64KiB to 256MiB"},
        {"[http]\nlisten = ['localhost:80']", "2:10 http.listen: expected a numeric address and a port"},
        {"[http]\nlisten = ['127.0.0.1']", "2:10 http.listen: expected a numeric address and a port"},
        {"[http]\nlisten = ['127.0.0.1:99999']", "2:10 http.listen: expected a numeric address and a port"},
        {"[http]\nlisten = ['::1:80']", "2:10 http.listen: expected a numeric address and a port"},
        {"[http]\nlisten = []", "2:10 http.listen: expected at least one address"},
        {"[http]\nlisten = '127.0.0.1:80'", "2:10 http.listen: expected a list of texts, found a text"},
        {"[http]\nlisten = [80]", "2:11 http.listen: expected a text, found a number"},
        {"[http]\nthreads = -1", "2:11 http.threads: must be from 0 to 1024"},
        {"[http]\nheader_timeout = '0s'", "2:18 http.header_timeout: expected a duration"},
        {"http = 1", "1:8 http: expected a table, found a number"},
        {"[log]\nkind = 'segmnt'", "2:8 log.kind: expected one of segment, kafka; did you mean \"segment\"?"},
        {"[log]\njournal = '1MiB'",
         "2:11 log.journal: log.journal must be at least 8 times http.max_body and 16 times http.max_header (8MiB)"},
        {"[log]\nqueue = '1MiB'", "2:9 log.queue: log.queue must be at least twice http.max_body and 4 times http.max_header (2MiB)"},
        {"[source]\nname = 'a'", "1:1 source: expected [[source]], with two brackets"},
        {"data = 1", "1:8 data: expected a text, found a number"},
    };
    for (const auto& [text, expected] : cases) EXPECT_THAT(faults(text), HasSubstr(expected)) << text;
}

std::string source_with(const std::string& line) { return "[[source]]\nname = 'a'\nverify = 'none'\n" + line + "\n"; }

TEST_F(ConfigFaults, of_a_source_say_what_was_expected) {
    const std::pair<const char*, const char*> cases[] = {
        {"path = 'x'", "4:8 source[0].path: expected a path that begins with \"/\""},
        {"path = '/x?y'", "4:8 source[0].path: expected a path"},
        {"path = '/healthz'", "4:8 source[0].path: the path /healthz is the gateway's own"},
        {"path = '/readyz'", "4:8 source[0].path: the path /readyz is the gateway's own"},
        {"methods = ['post']", "4:11 source[0].methods: expected GET, HEAD, POST, PUT, DELETE or PATCH; found \"post\""},
        {"methods = []", "4:11 source[0].methods: expected at least one method"},
        {"methods = ['OPTIONS']", "4:11 source[0].methods: expected GET, HEAD, POST, PUT, DELETE or PATCH; found \"OPTIONS\""},
        {"cloudevents = { source = 's' }", "4:15 source[0].cloudevents: needs content = \"elytra\""},
        {"content = 'elytra'\ncloudevents = { source = 'not a reference' }",
         "5:26 source[0].cloudevents.source: is not a URI-reference (RFC 3986)"},
        {"content = 'elytra'\ncloudevents = { type_prefix = '' }", "5:31 source[0].cloudevents.type_prefix: must not be empty"},
        {"content = 'elytra'\ncloudevents = { typePrefix = '' }",
         "5:17 source[0].cloudevents.typePrefix: unknown key; did you mean \"type_prefix\"?"},
        {"content = 'jsn'", "4:11 source[0].content: expected one of any, json, cloudevents, elytra; did you mean \"json\"?"},
        {"key = 'header:'", "4:7 source[0].key: expected none, cloudevents"},
        {"key = 'header:X Id'", "4:7 source[0].key: expected none, cloudevents"},
        {"key = 'header:X-Id:'", "4:7 source[0].key: expected none, cloudevents"},
        {"key = 'json:'", "4:7 source[0].key: expected none, cloudevents"},
        {"key = 'json:x'", "4:7 source[0].key: expected none, cloudevents"},
        {"key = 'json:/a~2b'", "4:7 source[0].key: expected none, cloudevents"},
        {"key = 'json:/a~'", "4:7 source[0].key: expected none, cloudevents"},
        {"key = 'cloudevents'", "4:7 source[0].key: \"cloudevents\" needs content = \"cloudevents\""},
        {"partitions = 0", "4:14 source[0].partitions: must be from 1 to 10000"},
        {"nme = 'b'", "4:1 source[0].nme: unknown key; did you mean \"name\"?"},
    };
    for (const auto& [line, expected] : cases) EXPECT_THAT(faults(source_with(line)), HasSubstr(expected)) << line;
}

TEST_F(ConfigFaults, of_names_follow_the_rule_of_topics) {
    for (const char* wrong : {"", "a b", "a/b", ".", "..", "_a", "__offsets", "a.dead"})
        EXPECT_NE(faults("[[source]]\nname = '" + std::string(wrong) + "'\npath = '/x'\nverify = 'none'"), "") << wrong;
    EXPECT_NE(faults("[[source]]\nname = '" + std::string(250, 'a') + "'\nverify = 'none'"), "");
    EXPECT_EQ(faults("[[source]]\nname = '" + std::string(249, 'a') + "'\nverify = 'none'"), "");
    EXPECT_EQ(faults("[[source]]\nname = 'A.b_c-1'\nverify = 'none'"), "");
}

TEST_F(ConfigFaults, of_two_sources_with_one_name_or_path) {
    EXPECT_THAT(faults(source_with("") + source_with("path = '/b'")), HasSubstr("6:8 source[1].name: another source has this name"));
    EXPECT_THAT(faults(source_with("") + "[[source]]\nname = 'b'\npath = '/a'\nverify = 'none'\n"),
                HasSubstr("7:8 source[1].path: another source has the path /a"));
}

TEST_F(ConfigFaults, of_a_name_whose_path_is_the_gateways_own_ask_for_another_path) {
    EXPECT_EQ(faults("[[source]]\nname = 'healthz'\nverify = 'none'\n"),
              "2:8 source[0].name: the path /healthz is the gateway's own; give another path\n");
    EXPECT_EQ(faults("[[source]]\nname = 'healthz'\npath = '/h'\nverify = 'none'\n"), "");
}

TEST_F(ConfigFaults, of_sources_without_a_name_are_told_once_each) {
    EXPECT_EQ(faults("[[source]]\nverify = 'none'\n[[source]]\nverify = 'none'\n"),
              "1:1 source[0].name: missing: the source's name, like \"github\"\n"
              "3:1 source[1].name: missing: the source's name, like \"github\"\n");
}

// The largest record is 2 bodies and 4 heads; half of the journal must hold it.
TEST_F(ConfigFaults, of_proportions_are_at_the_number_that_was_written) {
    EXPECT_EQ(faults("[http]\nmax_body = '64MiB'\n[log]\nqueue = '1GiB'\n"),
              "2:12 http.max_body: log.journal must be at least 8 times http.max_body and 16 times http.max_header (512MiB)\n");
    EXPECT_EQ(faults("[http]\nmax_body = '64KiB'\nmax_header = '1MiB'\n[log]\njournal = '1MiB'\nqueue = '128KiB'\n"),
              "5:11 log.journal: log.journal must be at least 8 times http.max_body and 16 times http.max_header (16MiB)\n"
              "6:9 log.queue: log.queue must be at least twice http.max_body and 4 times http.max_header (4MiB)\n");
    EXPECT_EQ(faults("[http]\nmax_body = '64KiB'\nmax_header = '1MiB'\n[log]\njournal = '16MiB'\nqueue = '4MiB'\n"), "");
}

std::string verify_with(const std::string& members) { return "[[source]]\nname = 'a'\nverify = { " + members + " }\n"; }

TEST_F(ConfigFaults, of_verification_say_what_was_expected) {
    const std::pair<const char*, const char*> cases[] = {
        {"secrets = ['x']", "source[0].verify.scheme: missing"},
        {"scheme = 'githb', secrets = ['x']", "did you mean \"github\"?"},
        {"scheme = 'github'", "source[0].verify.secrets: missing"},
        {"scheme = 'github', secrets = []", "expected at least one secret"},
        {"scheme = 'github', secrets = 'x'", "expected a list of secrets"},
        {"scheme = 'github', secrets = [1]", "source[0].verify.secrets[0]: expected a text"},
        {"scheme = 'github', secrets = ['']", "the secret is empty"},
        {"scheme = 'github', secrets = [{ env = 'NOT_SET' }]", "the environment variable NOT_SET is not set"},
        {"scheme = 'github', secrets = [{ file = 'missing' }]", "cannot be read"},
        {"scheme = 'github', secrets = [{ file = 'a', env = 'b' }]", "expected either env or file"},
        {"scheme = 'github', secrets = [{ fil = 'a' }]", "did you mean \"file\"?"},
        {"scheme = 'github', username = 'u', secrets = ['x']", "belongs to scheme \"basic\", not to scheme \"github\""},
        {"scheme = 'basic', username = 'u', password = 'p', algorithm = 'token'", "belongs to signature schemes"},
        {"scheme = 'basic', username = 'u'", "source[0].verify.password: missing"},
        {"scheme = 'basic', username = 'a:b', password = 'p'", "source[0].verify.scheme"},
        {"scheme = 'bearer'", "expected either token or tokens"},
        {"scheme = 'bearer', token = 'a', tokens = ['b']", "expected either token or tokens"},
        {"scheme = 'custom', secrets = ['x'], algorithm = 'hmac-sha25'", "did you mean \"hmac-sha256\"?"},
        {"scheme = 'custom', secrets = ['x']", "source[0].verify.signature_header: "},
        {"scheme = 'github', secrets = ['x'], signed = '{secrt}'", "3:57 source[0].verify.signed: unknown placeholder {secrt}"},
        {"scheme = 'standard-webhooks', secrets = ['whsec_!!!']", "3:52 source[0].verify.secrets"},
        {"scheme = 'stripe', secrets = ['x'], signature_pairs = {}", "signature_pairs.signature: missing"},
    };
    for (const auto& [members, expected] : cases) EXPECT_THAT(faults(verify_with(members)), HasSubstr(expected)) << members;
    EXPECT_THAT(faults("[[source]]\nname='a'\nverify = 'nothing'"), HasSubstr("expected a table with a scheme, or \"none\""));
    EXPECT_THAT(faults("[[source]]\nname='a'\nverify = 1"), HasSubstr("expected a table, found a number"));
}

TEST_F(ConfigFaults, never_hold_a_secret) {
    variables_["SECRET"] = "swordfish-from-env!";
    write_file("secret", "swordfish-from-file!\n");
    for (const char* secret : {"'swordfish-literal!'", "{ env = 'SECRET' }", "{ file = 'secret' }"}) {
        for (const std::string scheme : {"standard-webhooks", "custom"}) {
            const std::string text = faults(verify_with("scheme = '" + scheme + "', secret_encoding = 'hex', secrets = [" + secret + "]"));
            EXPECT_NE(text, "");
            EXPECT_THAT(text, Not(HasSubstr("swordfish"))) << text;
        }
    }
}

// Whoever forgets the quotes of a secret gets a syntax fault, in which toml++ would quote the secret, whole or its first letters.
TEST_F(ConfigFaults, of_syntax_never_quote_a_value) {
    EXPECT_EQ(faults(verify_with("scheme = 'bearer', token = 98765432109876543210")),
              "3:59 : not TOML: Error while parsing decimal integer: the value is not representable in 64 bits\n");
    for (const char* secret : {"98765432109876543210", "12swordfish", "0xswordfish", "tswordfish", "inswordfish", "1.5swordfish",
                               "swordfish", "9swordfish-abc", "1979swordfish", "'a' swordfish", "\"a\\qswordfish\""}) {
        const std::string text = faults(verify_with(std::string("scheme = 'bearer', token = ") + secret));
        EXPECT_THAT(text, HasSubstr("not TOML")) << secret;
        EXPECT_THAT(text, testing::AllOf(Not(HasSubstr("saw")), Not(HasSubstr("98765")), Not(HasSubstr("sword"))));
    }
}

TEST_F(ConfigFaults, cut_at_any_byte_a_configuration_is_read_or_refused_but_never_worse) {
    std::ifstream file(TENTER_SOURCE_DIR "/tests/unit/config/example.toml");
    std::stringstream stream;
    stream << file.rdbuf();
    const std::string text = stream.str();
    for (std::size_t size = 0; size < text.size(); ++size) {
        const auto config = parsed(std::string_view(text).substr(0, size));
        if (!config) {
            EXPECT_FALSE(config.error().empty());
        }
    }
}

TEST(Fault, reads_like_a_compilers) {
    EXPECT_EQ(to_string({"tenter.toml", 12, 3, "http.max_bdy", "unknown key"}), "tenter.toml:12:3: http.max_bdy: unknown key");
    EXPECT_EQ(to_string({"tenter.toml", 0, 0, "", "cannot be read"}), "tenter.toml: cannot be read");
}

TEST(Load, says_which_file_cannot_be_read) {
    PosixEnv env;
    const auto config = load(env, "/nonexistent/tenter.toml", process_environment());
    ASSERT_FALSE(config);
    EXPECT_THAT(to_string(config.error().front()), HasSubstr("/nonexistent/tenter.toml: cannot be read"));
}

}  // namespace
}  // namespace tenter::config

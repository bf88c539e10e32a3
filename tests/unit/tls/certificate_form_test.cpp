// Goal: what the gateway issues is what RFC 5280 asks for, as others see it: the openssl program, and Python with X509_STRICT.

#include <gmock/gmock.h>
#include <sys/wait.h>

#include "tls_testing.hpp"

namespace tenter::tls {
namespace {

using testing::HasSubstr;

class CertificateForm : public testing::Test {
protected:
    CertificateForm()
        : identity_(*ensure_identity(env_, clock_, folder_.file("data"), {"tenter.example", "localhost", "192.0.2.7", "::1"})) {
        folder_.write("leaf.pem", identity_.certificates);
        folder_.write("ca.pem", identity_.authority);
    }
    Ran openssl(const std::string& arguments) const { return run("cd '" + folder_.path() + "' && openssl " + arguments); }
    /// What the program prints about one certificate.
    std::string text(const std::string& name) const { return openssl("x509 -noout -text -in " + name).output; }
    /// One printed line: "serial=..." without its name.
    std::string value(const std::string& name, const std::string& what) const {
        std::string line = openssl("x509 -noout -" + what + " -in " + name).output;
        line.erase(0, line.find('=') + 1);
        if (line.ends_with('\n')) line.pop_back();
        return line;
    }

    TemporaryFolder folder_;
    PosixEnv env_;
    SystemClock clock_;
    Identity identity_;
};

TEST_F(CertificateForm, verifies_strictly_as_a_server_under_each_of_its_names) {
    for (const char* const name :
         {"-verify_hostname tenter.example", "-verify_hostname localhost", "-verify_ip 192.0.2.7", "-verify_ip ::1"}) {
        const Ran ran = openssl(std::string("verify -x509_strict -purpose sslserver -CAfile ca.pem ") + name + " leaf.pem");
        EXPECT_EQ(ran.exit_code, 0) << name << ": " << ran.output;
    }
    EXPECT_NE(openssl("verify -CAfile ca.pem -verify_hostname other.example leaf.pem").exit_code, 0);
    EXPECT_NE(openssl("verify -CAfile ca.pem -verify_ip 192.0.2.8 leaf.pem").exit_code, 0);
    EXPECT_NE(openssl("verify -purpose sslclient -CAfile ca.pem leaf.pem").exit_code, 0);
}

TEST_F(CertificateForm, says_what_an_authority_has_to_say) {
    const std::string ca = text("ca.pem");
    EXPECT_THAT(ca, HasSubstr("Version: 3"));
    EXPECT_THAT(ca, HasSubstr("ASN1 OID: prime256v1"));
    EXPECT_THAT(ca, HasSubstr("X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0"));
    EXPECT_THAT(ca, HasSubstr("X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign"));
    EXPECT_THAT(ca, HasSubstr("X509v3 Subject Key Identifier"));
    EXPECT_EQ(value("ca.pem", "subject"), value("ca.pem", "issuer"));
    EXPECT_EQ(openssl("x509 -noout -in ca.pem -checkend " + std::to_string(20L * 365 * 86'400)).exit_code, 0);
}

TEST_F(CertificateForm, says_what_a_server_has_to_say) {
    const std::string leaf = text("leaf.pem");
    EXPECT_THAT(leaf, HasSubstr("Version: 3"));
    EXPECT_THAT(leaf, HasSubstr("X509v3 Basic Constraints: critical\n                CA:FALSE"));
    EXPECT_THAT(leaf, HasSubstr("X509v3 Key Usage: critical\n                Digital Signature"));
    EXPECT_THAT(leaf, HasSubstr("X509v3 Extended Key Usage: \n                TLS Web Server Authentication"));
    EXPECT_THAT(leaf, HasSubstr("DNS:tenter.example, DNS:localhost, IP Address:192.0.2.7, IP Address:0:0:0:0:0:0:0:1"));
    EXPECT_EQ(value("leaf.pem", "issuer"), value("ca.pem", "subject"));
    EXPECT_EQ(openssl("x509 -noout -in leaf.pem -checkend " + std::to_string(398L * 86'400)).exit_code, 1) << "some clients allow 398 days";
}

TEST_F(CertificateForm, names_its_authority_by_the_id_of_its_key) {
    const auto id_after = [](const std::string& all, const std::string& title) {
        const auto begin = all.find_first_not_of(' ', all.find('\n', all.find(title)) + 1);
        return all.substr(begin, all.find('\n', begin) - begin);
    };
    const std::string key_id = id_after(text("ca.pem"), "X509v3 Subject Key Identifier");
    EXPECT_EQ(key_id.size(), 59U) << "SHA-1, 20 octets with colons";
    EXPECT_EQ(id_after(text("leaf.pem"), "X509v3 Authority Key Identifier"), key_id);
    EXPECT_NE(id_after(text("leaf.pem"), "X509v3 Subject Key Identifier"), key_id);
}

TEST_F(CertificateForm, has_serial_numbers_that_nobody_guesses_and_none_comes_twice) {
    const std::string ca = value("ca.pem", "serial");
    const std::string leaf = value("leaf.pem", "serial");
    EXPECT_EQ(ca.size(), 32U) << "128 bits, the first one 0 so that the number is positive";
    EXPECT_EQ(leaf.size(), 32U);
    EXPECT_NE(ca, leaf);
    const auto renewed = ensure_identity(env_, clock_, folder_.file("data"), {"renewed.example"});
    folder_.write("renewed.pem", renewed->certificates);
    EXPECT_NE(value("renewed.pem", "serial"), leaf);
}

TEST_F(CertificateForm, holds_for_clients_whose_clock_is_a_day_behind) {
    const auto begins = [this](const char* name) { return run("date -u +%s -d '" + value(name, "startdate") + "'").output; };
    const std::int64_t now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
    for (const char* const name : {"ca.pem", "leaf.pem"}) {
        const std::int64_t age = now - std::stoll(begins(name));
        EXPECT_GE(age, 86'400) << name;
        EXPECT_LE(age, 86'400 + 60) << name;
    }
}

TEST_F(CertificateForm, satisfies_python_with_strict_checks) {
    const auto context = ServerContext::make(identity_, {});
    ASSERT_TRUE(context);
    // The client gets its end of the socket pair as descriptor 7, waits for it and says what it saw.
    folder_.write("client.py", R"(
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
connection = socket.socket(fileno=7)
connection.settimeout(10)
with context.wrap_socket(connection, server_hostname=sys.argv[2]) as session:
    session.sendall(session.version().encode())
)");
    for (const char* const name : {"tenter.example", "192.0.2.7", "::1"}) {
        SocketPair pair;
        const std::string command = "python3 '" + folder_.file("client.py") + "' '" + folder_.file("ca.pem") + "' " + name + " > '" +
                                    folder_.file("client.log") + "' 2>&1";
        const pid_t child = ::fork();
        if (child == 0) {
            ::dup2(pair.client, 7);
            ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
            ::_exit(127);
        }
        pair.close_client();
        Session session(**context, pair.server);
        std::string heard;
        std::array<char, 100> bytes{};
        bool shaken = false;
        for (int turn = 0; turn < 1000 && heard.empty(); ++turn) {
            pollfd ready{pair.server, POLLIN, 0};
            ASSERT_EQ(::poll(&ready, 1, 10'000), 1) << "the client says nothing";
            const auto step = shaken ? session.read(bytes) : session.handshake();
            ASSERT_TRUE(step) << step.error().message << "\n" << folder_.read("client.log");
            ASSERT_NE(step->progress, Progress::closed) << folder_.read("client.log");
            if (step->progress != Progress::done) continue;
            if (shaken) heard.assign(bytes.data(), step->bytes);
            shaken = true;
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(heard, "TLSv1.3") << name;
        EXPECT_EQ(status, 0) << folder_.read("client.log");
    }
}

}  // namespace
}  // namespace tenter::tls

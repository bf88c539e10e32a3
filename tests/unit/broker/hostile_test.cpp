// Goal: whatever bytes come, before and after authentication, a request is answered once or the connection closed with a reason. Method:
// every golden request of Kafka's own clients, cut at each byte, and with a bit of each byte flipped.

#include <array>

#include "tests/unit/broker/harness.hpp"
#include "tests/unit/kafka_protocol/golden.hpp"

namespace tenter::broker {
namespace {

enum class Who : std::uint8_t { stranger, handshaken, consumer, the_operator };

class HostileBytes : public BrokerTest {
protected:
    /// What the golden requests were recorded with.
    HostileBytes() {
        options.topic_prefix = "incoming.shop.";
        EXPECT_TRUE(log.ensure_topic("orders", 4));
        append("orders", 0, {"a", "b", "c"});
        auto recorded = consumer("tenter", {"orders"});
        recorded.secrets = {consumers::StoredSecret::of(Secret("not-a-secret"), random)};
        put(recorded);
    }

    [[nodiscard]] std::unique_ptr<TestClient> make(Who who) {
        switch (who) {
            case Who::stranger: return connect();
            case Who::handshaken:
            case Who::consumer: {
                auto client = connect();
                (void)client->ask<SaslHandshakeResponse>(SaslHandshakeRequest{.mechanism = "PLAIN"}, 1);
                if (who == Who::handshaken) return client;
                (void)client->ask<SaslAuthenticateResponse>(SaslAuthenticateRequest{.auth_bytes = plain("tenter", "not-a-secret")}, 1);
                EXPECT_TRUE((*client)->is_authenticated());
                return client;
            }
            case Who::the_operator: return operators();
        }
        return nullptr;
    }

    /// Sends it, waits as long as anything may wait, and looks at what came.
    void check(Who who, BytesView frame) {
        auto& client = clients_[static_cast<std::size_t>(who)];
        if (client == nullptr) client = make(who);
        const std::vector<char> own(frame.begin(), frame.end());  // a read beyond it is seen
        client->send(BytesView(own.data(), own.size()));
        if (!client->is_answered()) advance(1min);      // fetches, refusals and first members have waited long enough
        if (!client->is_answered()) advance(30 * 24h);  // and a rebalance, whatever it may take
        ASSERT_TRUE(client->is_answered());
        const bool is_closed = client->reply->close.has_value();
        EXPECT_TRUE(is_closed || client->reply->frame.size() > 8);
        if (!is_closed && who != Who::handshaken) return;  // the next goes over the same connection
        EXPECT_TRUE(!is_closed || !client->reason().empty());
        client.reset();
    }

    void check_all(BytesView frame) {
        for (const auto who : {Who::stranger, Who::handshaken, Who::consumer, Who::the_operator}) check(who, frame);
    }

    void TearDown() override { clients_ = {}; }

private:
    std::array<std::unique_ptr<TestClient>, 4> clients_;
};

std::vector<Bytes> golden_requests() {
    std::vector<Bytes> requests;
    for (const auto& golden : golden_frames())
        if (golden.is_request) requests.push_back(golden.frame);
    return requests;
}

TEST_F(HostileBytes, may_be_golden_requests) {
    const auto requests = golden_requests();
    EXPECT_GT(requests.size(), 50U);
    for (const auto& request : requests) check_all(request);
}

TEST_F(HostileBytes, may_end_anywhere) {
    for (const auto& request : golden_requests())
        for (std::size_t size = 0; size < request.size(); ++size) check_all(BytesView(request).substr(0, size));
}

TEST_F(HostileBytes, may_have_any_bit_wrong) {
    for (const auto& request : golden_requests()) {
        for (std::size_t i = 0; i < request.size(); ++i) {
            auto changed = request;
            const unsigned flip = i % 2 == 0 ? 0x80U : 0x01U;  // of numbers the sign, or the least bit
            changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ flip);
            check_all(changed);
        }
    }
}

}  // namespace
}  // namespace tenter::broker

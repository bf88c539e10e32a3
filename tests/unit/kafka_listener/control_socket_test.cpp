#include "gateway/kafka_listener/control_socket.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "listener_testing.hpp"

namespace tenter::kafka_listener {
namespace {

class ControlSocket : public ListenerTest {
protected:
    ControlSocket() { use(folder_); }

    void use(const std::string& folder) {
        std::filesystem::create_directories(folder);
        options_.control_folder = folder;
    }
    std::unique_ptr<TestClient> operators() {
        const auto socket = connect_to_gateway(options_.control_folder);
        EXPECT_TRUE(socket) << socket.error().message;
        return std::make_unique<TestClient>(Descriptor(socket.value_or(-1)));
    }
    [[nodiscard]] std::string path() const { return options_.control_folder + "/control.sock"; }
};

TEST_F(ControlSocket, is_for_the_operator_who_needs_no_password) {
    start();
    const auto client = operators();
    EXPECT_EQ(client->ask("echo"), "echo");
    EXPECT_EQ(client->ask("b1000000"), std::string(1'000'000, 'r'));
    ASSERT_EQ(service_.arrivals().size(), 1U);
    EXPECT_TRUE(service_.arrivals()[0].is_operator);
    EXPECT_EQ(service_.arrivals()[0].peer, "operator");
    struct stat status{};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(ControlSocket, works_in_a_folder_whose_path_is_longer_than_an_address) {
    use(folder_ + "/" + std::string(200, 'a') + "/" + std::string(200, 'b'));
    start();
    EXPECT_EQ(operators()->ask("echo"), "echo");
}

TEST_F(ControlSocket, takes_the_place_of_one_that_a_killed_gateway_has_left) {
    ASSERT_EQ(::mknod(path().c_str(), S_IFSOCK | 0600, 0), 0);
    EXPECT_EQ(connect_to_gateway(folder_).error().code, Errc::not_found) << "nobody is there";
    start();
    EXPECT_EQ(operators()->ask("echo"), "echo");
}

TEST_F(ControlSocket, is_gone_when_the_gateway_is) {
    start();
    listener_->stop();
    EXPECT_FALSE(std::filesystem::exists(path()));
    const auto nobody = connect_to_gateway(folder_);
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().code, Errc::not_found);
    EXPECT_THAT(nobody.error().message, testing::HasSubstr("control.sock: connect: No such file or directory"));
    EXPECT_EQ(connect_to_gateway(folder_ + "/none").error().code, Errc::not_found);
}

TEST_F(ControlSocket, stays_open_to_the_operator_when_others_have_taken_every_connection) {
    options_.max_connections = 2;
    start();
    const auto first = logged_in();
    const auto second = logged_in();
    EXPECT_EQ(operators()->ask("echo"), "echo");
}

}  // namespace
}  // namespace tenter::kafka_listener

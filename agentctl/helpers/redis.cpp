#include "agentctl/helpers/login.hpp"
#include "agentctl/helpers/table.hpp"

#include <unistd.h>

#include <cstdlib>

namespace agentctl::helpers {
namespace {

agent::Status prepare_redis(Given& given, Launch& launch) {
    const auto login = take_login(given, Lines::allowed); // by a variable
    if (!login) return login.error();
    // In front: redis-cli reads no flag behind a command, and would take it, with the password, to
    // whatever listens at its default port.
    launch.first = {"-h", given.ip(), "-p", given.port()};
    if (!login->user.empty()) launch.first.insert(launch.first.end(), {"--user", login->user});
    if (login->password) {
        launch.environment.push_back("REDISCLI_AUTH=" + std::string(login->password->reveal()));
    } else if (!login->user.empty() && std::getenv("REDISCLI_AUTH") == nullptr &&
               ::isatty(STDIN_FILENO) == 1) {
        launch.first.emplace_back("--askpass");
    }
    return {};
}

} // namespace

const Helper redis{
    "redis",
    "agentctl connect redis -target-id ttcp_1234567890 -- PING",
    {{"redis-cli", {"redis-cli", "valkey-cli"}}},
    {style_flag("How to talk to it: redis-cli.", "BOUNDARY_CONNECT_REDIS_STYLE"), username_flag()},
    prepare_redis};

} // namespace agentctl::helpers

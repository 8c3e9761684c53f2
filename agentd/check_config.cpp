#include "agentd/check_config.hpp"

#include "config/agent_config.hpp"
#include "config/xdg.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <string_view>

namespace agentd {

namespace {

int refuse(const agent::Error& error) {
    fmt::print(stderr, "{}\n{}", error.message,
               error.hint.empty() ? std::string() : error.hint + "\n");
    return agent::exit_code(error.code);
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

} // namespace

int check_config(std::string path) {
    const bool named = !path.empty();
    if (!named) {
        auto usual = agent::config::config_file();
        if (!usual) return refuse(usual.error());
        path = std::move(*usual);
    }
    const auto config = named ? agent::config::load_agent_config(path)
                              : agent::config::load_agent_config_if_there(path);
    if (!config) return refuse(config.error());
    fmt::print("{}: {}, {}\n", path, counted(config->clusters.size(), "cluster", "clusters"),
               counted(config->proxies.size(), "proxy", "proxies"));
    return 0;
}

} // namespace agentd

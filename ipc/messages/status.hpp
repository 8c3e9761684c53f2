#pragma once
// Status: what the agent is and holds. The words are explained in ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Status {
    static constexpr std::string_view method = "org.agentd.Agent.Status";
    static constexpr bool streams = false;        // may be called with more
    static constexpr bool changes_nothing = true; // asking twice does no harm
    static constexpr bool helps_out = true; // also when all descriptors are in use: see router.hpp
    struct Request {
        static constexpr std::tuple<> fields{};
    };
    struct Response {
        std::string version;
        std::int64_t pid = 0;
        std::string started;
        std::string socket;
        std::string keyring;
        std::vector<Login> logins;
        std::optional<std::string> memory_problem;
        std::int64_t proxies = 0;
        std::int64_t connections_open = 0;
        static constexpr auto fields =
            std::tuple{field("version", &Response::version),
                       field("pid", &Response::pid),
                       field("started", &Response::started),
                       field("socket", &Response::socket),
                       field("keyring", &Response::keyring),
                       field("logins", &Response::logins),
                       field("memory_problem", &Response::memory_problem),
                       field("proxies", &Response::proxies),
                       field("connections_open", &Response::connections_open)};
    };
};

} // namespace ipc

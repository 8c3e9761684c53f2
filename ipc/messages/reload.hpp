#pragma once
// Reload: read config.toml again. The words are explained in ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Reload {
    static constexpr std::string_view method = "org.agentd.Agent.Reload";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        static constexpr std::tuple<> fields{};
    };
    struct Response {
        std::string file;
        std::int64_t clusters = 0;
        std::vector<std::string> added;
        std::vector<std::string> changed;
        std::vector<std::string> removed;
        static constexpr auto fields =
            std::tuple{field("file", &Response::file), field("clusters", &Response::clusters),
                       field("added", &Response::added), field("changed", &Response::changed),
                       field("removed", &Response::removed)};
    };
};

} // namespace ipc

// status: what the agent is and holds.

#include "ipc/messages/status.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/layout.hpp"
#include "agentctl/output/message.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {
namespace {

std::string cluster_words(const ipc::Login& login) {
    return login.cluster_name ? printable(*login.cluster_name + " (" + login.cluster + ")")
                              : printable(login.cluster);
}

} // namespace

Outcome status(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    const auto answer = call_agent<ipc::Status>({});
    if (!answer) return Failure{answer.error(), Attempt{"status", "read the agent's status"}};
    constexpr std::size_t pad = 17;
    std::string out = "\nAgent information:\n";
    out += rows_block({{"Connections Open", std::to_string(answer->connections_open)},
                       {"Keyring", answer->keyring},
                       {"PID", std::to_string(answer->pid)},
                       {"Proxies", std::to_string(answer->proxies)},
                       {"Socket", answer->socket},
                       {"Started", shown_time(answer->started)},
                       {"Version", answer->version}},
                      2, pad);
    if (answer->memory_problem)
        out += "\n  Nothing is remembered: " + printable(*answer->memory_problem) + "\n";
    if (!answer->logins.empty()) out += "\n  Logins:\n";
    for (const ipc::Login& login : answer->logins) {
        if (&login != &answer->logins.front()) out += '\n';
        out += rows_block({{"Auth Method ID", login.auth_method_id},
                           {"Cluster", cluster_words(login)},
                           {"Expiration Time", shown_time(login.expiration)},
                           {"Keyring", login.keyring.value_or("")},
                           {"Token ID", login.token_id},
                           {"Token Name", login.token_name},
                           {"User ID", login.user_id}},
                          4, pad);
    }
    return Answer(wrap(out, output_width()), json_line(*answer));
}

} // namespace agentctl

// clusters list: the clusters that have names, and who is signed in there.

#include "ipc/messages/list_clusters.hpp"

#include "agentctl/agent_connection.hpp"
#include "agentctl/commands/verbs.hpp"
#include "agentctl/output/layout.hpp"
#include "agentctl/output/message.hpp"
#include "agentctl/output/resource.hpp"

#include <nlohmann/json.hpp>

namespace agentctl {
namespace {

std::string table(const std::vector<ipc::KnownCluster>& clusters) {
    if (clusters.empty()) return "No clusters found\n";
    std::string out = "\nCluster information:\n";
    for (const ipc::KnownCluster& one : clusters) {
        if (&one != &clusters.front()) out += '\n';
        const std::string name = one.name.empty() ? std::string("(none)") : printable(one.name);
        out += line_at(2, "Name", one.current ? name + " (current)" : name, 25);
        out += line_at(4, "Address", printable(one.address), 25);
        if (!one.name.empty())
            out += line_at(4, "From", one.declared ? "config.toml" : "clusters add", 25);
        out += line_at(4, "State", one.state, 25);
        if (!one.signed_in_as.empty())
            out += line_at(4, "Signed In As", printable(one.signed_in_as), 25);
        if (!one.expiration.empty())
            out += line_at(4, "Expiration Time", shown_time(one.expiration), 25);
    }
    return out;
}

} // namespace

Outcome list_clusters(const Invocation& invocation) {
    ClientFlags client;
    Flags flags = invocation.flags();
    client.add_format_to(flags);
    const auto begun = begin(invocation, flags, client);
    if (begun.finished) return *begun.finished;
    const auto answer = call_agent<ipc::ListClusters>({});
    if (!answer) return Failure{answer.error(), Attempt{"list on clusters", "list clusters"}};
    return Answer(table(answer->clusters), items_line(answer->clusters));
}

} // namespace agentctl

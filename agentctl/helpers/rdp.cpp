#include "agentctl/helpers/fit.hpp"
#include "agentctl/helpers/table.hpp"
#include "agentctl/output/proxy_text.hpp"
#include "base/percent_encode.hpp"

namespace agentctl::helpers {
namespace {

// The password stays with the person: xfreerdp asks for it, and whether the certificate is right,
// on the terminal; with its input taken for the password it could not ask about the certificate.
agent::Status prepare_rdp(Given& given, Launch& launch) {
    const std::string address = local_endpoint(given.proxy);
    const Credential* login = given.credentials.first(Kind::username_password);
    if (login != nullptr)
        if (auto fits = fit_username(login->username); !fits) return fits;
    if (given.style == "mstsc") {
        launch.words = {"/v", address};
    } else if (given.style == "open") {
        launch.words = {"-W", "rdp://full%20address=s%3A" + agent::percent_encode(address)};
    } else if (given.style == "remmina") {
        const std::string user =
            login == nullptr ? "" : agent::percent_encode(login->username) + "@";
        launch.words = {"-c", "rdp://" + user + address};
    } else {
        launch.words = {"/v:" + address};
        if (login != nullptr) launch.add({"/u:" + login->username});
    }
    return {};
}

} // namespace

const Helper rdp{"rdp",
                 "agentctl connect rdp -target-id ttcp_1234567890",
                 {{"xfreerdp", {"xfreerdp3", "xfreerdp"}},
                  {"remmina", {"remmina"}},
                  {"mstsc", {"mstsc.exe"}},
                  {"open", {"open"}}},
                 {style_flag("xfreerdp, remmina, mstsc or open; what is installed when missing.",
                             "BOUNDARY_CONNECT_RDP_STYLE")},
                 prepare_rdp,
                 true};

} // namespace agentctl::helpers

#include "agentctl/helpers/fit.hpp"
#include "agentctl/helpers/table.hpp"
#include "agentctl/output/proxy_text.hpp"

#include <fmt/format.h>

namespace agentctl::helpers {
namespace {

std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (const char c : text)
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            std::string_view("-._~").find(c) != std::string_view::npos)
            encoded += c;
        else
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return encoded;
}

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
        launch.words = {"-W", "rdp://full%20address=s%3A" + percent_encoded(address)};
    } else if (given.style == "remmina") {
        const std::string user = login == nullptr ? "" : percent_encoded(login->username) + "@";
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

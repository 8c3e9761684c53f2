#include "support/session_bus.hpp"

#include "support/catch.hpp"

#include <csignal>
#include <sys/stat.h>

namespace agent::test {

SessionBus::SessionBus() : SessionBus(Options{}) {}

SessionBus::SessionBus(Options options) : options_(std::move(options)) {
    std::string config =
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\""
        " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\"><busconfig>"
        "<type>session</type><auth>EXTERNAL</auth><listen>" +
        address() + "</listen>";
    if (!options_.services.empty()) config += "<servicedir>" + options_.services + "</servicedir>";
    config += "<policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>"
              "<allow eavesdrop=\"true\"/><allow own=\"*\"/>";
    if (options_.open) config += "<allow user=\"*\"/>";
    config += "</policy>";
    for (const char* limit :
         {"max_incoming_bytes", "max_outgoing_bytes", "max_message_size"}) // as a session's bus has
        config += "<limit name=\"" + std::string(limit) + "\">1000000000</limit>";
    for (const char* limit : {"max_replies_per_connection", "max_match_rules_per_connection",
                              "max_connections_per_user"})
        config += "<limit name=\"" + std::string(limit) + "\">50000</limit>";
    folder_.file("bus.conf", config + "</busconfig>");
    if (options_.open) ::chmod(folder_.path().c_str(), 0711);
    start();
}

void SessionBus::start() {
    const auto program = find_on_path("dbus-daemon");
    REQUIRE_FALSE(program.empty());
    daemon_ = std::make_unique<Process>(
        std::vector<std::string>{program, "--config-file=" + (folder_ / "bus.conf").string(),
                                 "--nofork", "--nopidfile", "--nosyslog", "--print-address"},
        Process::Options{.environment = options_.environment});
    INFO(daemon_->err());
    REQUIRE(daemon_->wait_for("unix:path="));
}

void SessionBus::stop() {
    if (!daemon_) return;
    daemon_->signal(SIGTERM);
    daemon_->wait();
    daemon_.reset();
}

} // namespace agent::test

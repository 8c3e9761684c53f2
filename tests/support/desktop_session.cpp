#include "support/desktop_session.hpp"

#include "support/catch.hpp"
#include "support/eventually.hpp"

#include <systemd/sd-bus.h>

#include <csignal>

namespace agent::test {
namespace {

constexpr const char* service = "org.freedesktop.secrets";
constexpr const char* service_path = "/org/freedesktop/secrets";
constexpr const char* login_path = "/org/freedesktop/secrets/collection/login";
constexpr const char* password = "correct horse";

struct Message {
    sd_bus_message* it = nullptr;
    ~Message() { ::sd_bus_message_unref(it); }
};

} // namespace

DesktopSession::DesktopSession(DevEnvironment& world)
    : world_(world), bus_(SessionBus::Options{.environment = world.environment}) {
    world.environment["DBUS_SESSION_BUS_ADDRESS"] = bus_.address();
}

DesktopSession::~DesktopSession() {
    ::sd_bus_flush_close_unref(prompter_);
    ::sd_bus_flush_close_unref(opener_);
    if (keyring_) kill_keyring();
    bus_.stop();
}

void DesktopSession::start_keyring(bool unlocked) {
    std::vector<std::string> command{"/usr/bin/gnome-keyring-daemon", "--foreground",
                                     "--components=secrets"};
    Process::Options options{.environment = world_.environment};
    if (unlocked) {
        command.emplace_back("--unlock");
        options.input = password;
    }
    keyring_ = std::make_unique<Process>(command, options);
    REQUIRE(eventually(
        [&] {
            sd_bus* const bus = connect();
            Message reply;
            const int known =
                ::sd_bus_call_method(bus, "org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                                     "NameHasOwner", nullptr, &reply.it, "s", service);
            int owned = 0;
            if (known >= 0) ::sd_bus_message_read(reply.it, "b", &owned);
            ::sd_bus_flush_close_unref(bus);
            return owned != 0;
        },
        std::chrono::seconds(15)));
}

// Its wallet is made and opened as PAM does at a login, with a key instead of a passphrase that
// somebody types. It shows only wallets that were there when it started, so it is started twice.
void DesktopSession::start_kwallet() {
    auto environment = world_.environment;
    environment["QT_QPA_PLATFORM"] = "offscreen";
    world_.folder().file("config/kwalletrc",
                         "[Wallet]\nEnabled=true\nFirst Use=false\nUse One Wallet=true\n"
                         "Default Wallet=kdewallet\nLaunch Manager=false\nLeave Open=true\n"
                         "Close When Idle=false\nPrompt on Open=false\n"
                         "[org.freedesktop.secrets]\napiEnabled=true\n");
    std::string daemon = "kwalletd6"; // Debian 12 has the one before
    auto program = find_on_path(daemon);
    if (program.empty()) program = find_on_path(daemon = "kwalletd5");
    REQUIRE_FALSE(program.empty());
    const std::string name = "org.kde." + daemon, path = "/modules/" + daemon;
    const std::string key(56, 'k');
    const auto open_wallet = [&] {
        ::sd_bus_flush_close_unref(
            opener_); // the wallet is open for as long as somebody has it open
        opener_ = connect();
        Message call, reply;
        REQUIRE(::sd_bus_message_new_method_call(opener_, &call.it, name.c_str(), path.c_str(),
                                                 "org.kde.KWallet", "pamOpen") >= 0);
        ::sd_bus_message_append(call.it, "s", "kdewallet");
        ::sd_bus_message_append_array(call.it, 'y', key.data(), key.size());
        ::sd_bus_message_append(call.it, "i", 0);
        return ::sd_bus_call(opener_, call.it, 0, nullptr, &reply.it) >= 0;
    };
    for (int start = 0; start < 2; ++start) {
        if (keyring_) kill_keyring();
        keyring_ = std::make_unique<Process>(std::vector<std::string>{program},
                                             Process::Options{environment});
        REQUIRE(eventually(open_wallet));
    }
    REQUIRE(eventually([&] {
        sd_bus* const bus = connect();
        Message reply;
        const char* collection = nullptr;
        const int asked =
            ::sd_bus_call_method(bus, service, service_path, "org.freedesktop.Secret.Service",
                                 "ReadAlias", nullptr, &reply.it, "s", "default");
        if (asked >= 0) ::sd_bus_message_read(reply.it, "o", &collection);
        const bool there = collection != nullptr && std::string_view(collection) != "/";
        ::sd_bus_flush_close_unref(bus);
        return there;
    }));
}

void DesktopSession::kill_keyring() {
    keyring_->signal(SIGCONT);
    keyring_->signal(SIGKILL);
    keyring_->wait(std::chrono::seconds(10));
    keyring_.reset();
}

sd_bus* DesktopSession::connect() {
    sd_bus* bus = nullptr;
    REQUIRE(::sd_bus_new(&bus) >= 0);
    REQUIRE(::sd_bus_set_address(bus, bus_.address().c_str()) >= 0);
    REQUIRE(::sd_bus_set_bus_client(bus, 1) >= 0);
    REQUIRE(::sd_bus_start(bus) >= 0);
    return bus;
}

void DesktopSession::lock() {
    sd_bus* const bus = connect();
    Message reply;
    const int done =
        ::sd_bus_call_method(bus, service, service_path, "org.freedesktop.Secret.Service", "Lock",
                             nullptr, &reply.it, "ao", 1, login_path);
    ::sd_bus_flush_close_unref(bus);
    REQUIRE(done >= 0);
}

std::string DesktopSession::open_plain_session(sd_bus* bus) {
    Message reply;
    REQUIRE(::sd_bus_call_method(bus, service, service_path, "org.freedesktop.Secret.Service",
                                 "OpenSession", nullptr, &reply.it, "sv", "plain", "s", "") >= 0);
    REQUIRE(::sd_bus_message_skip(reply.it, "v") >= 0);
    const char* session = nullptr;
    REQUIRE(::sd_bus_message_read(reply.it, "o", &session) >= 0);
    return session;
}

// What PAM does at a desktop login, over the interface that gnome-keyring has for it.
void DesktopSession::unlock() {
    sd_bus* const bus = connect();
    const std::string session = open_plain_session(bus);
    Message call, reply;
    REQUIRE(::sd_bus_message_new_method_call(
                bus, &call.it, service, service_path,
                "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
                "UnlockWithMasterPassword") >= 0);
    ::sd_bus_message_append(call.it, "o", login_path);
    ::sd_bus_message_open_container(call.it, 'r', "oayays");
    ::sd_bus_message_append(call.it, "o", session.c_str());
    ::sd_bus_message_append_array(call.it, 'y', "", 0);
    ::sd_bus_message_append_array(call.it, 'y', password, std::string_view(password).size());
    ::sd_bus_message_append(call.it, "s", "text/plain");
    ::sd_bus_message_close_container(call.it);
    const int done = ::sd_bus_call(bus, call.it, 0, nullptr, &reply.it);
    ::sd_bus_flush_close_unref(bus);
    REQUIRE(done >= 0);
}

void DesktopSession::start_silent_prompter() {
    prompter_ = connect();
    REQUIRE(::sd_bus_request_name(prompter_, "org.gnome.keyring.SystemPrompter", 0) >= 0);
}

int DesktopSession::items(const std::string& name, const std::string& value) {
    sd_bus* const bus = connect();
    Message reply;
    const int done = ::sd_bus_call_method(bus, service, service_path,
                                          "org.freedesktop.Secret.Service", "SearchItems", nullptr,
                                          &reply.it, "a{ss}", 1, name.c_str(), value.c_str());
    int found = 0;
    for (int list = 0; done >= 0 && list < 2; ++list) {
        ::sd_bus_message_enter_container(reply.it, 'a', "o");
        const char* path = nullptr;
        while (::sd_bus_message_read(reply.it, "o", &path) > 0) ++found;
        ::sd_bus_message_exit_container(reply.it);
    }
    ::sd_bus_flush_close_unref(bus);
    return done < 0 ? -1 : found;
}

void DesktopSession::add_item(const std::string& name, const std::string& value,
                              const std::string& secret) {
    sd_bus* const bus = connect();
    const std::string session = open_plain_session(bus);
    Message call, reply;
    REQUIRE(::sd_bus_message_new_method_call(bus, &call.it, service, login_path,
                                             "org.freedesktop.Secret.Collection",
                                             "CreateItem") >= 0);
    ::sd_bus_message_append(call.it, "a{sv}", 2, "org.freedesktop.Secret.Item.Label", "s",
                            value.c_str(), "org.freedesktop.Secret.Item.Attributes", "a{ss}", 1,
                            name.c_str(), value.c_str());
    ::sd_bus_message_open_container(call.it, 'r', "oayays");
    ::sd_bus_message_append(call.it, "o", session.c_str());
    ::sd_bus_message_append_array(call.it, 'y', "", 0);
    ::sd_bus_message_append_array(call.it, 'y', secret.data(), secret.size());
    ::sd_bus_message_append(call.it, "s", "application/json");
    ::sd_bus_message_close_container(call.it);
    ::sd_bus_message_append(call.it, "b", 1);
    const int done = ::sd_bus_call(bus, call.it, 0, nullptr, &reply.it);
    ::sd_bus_flush_close_unref(bus);
    REQUIRE(done >= 0);
}

} // namespace agent::test

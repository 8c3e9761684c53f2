#pragma once
// Notifications: tells a person what only they can settle, through org.freedesktop.Notifications,
// and does what they press: Reconnect calls the handlers that agentctl calls, Log in opens a
// terminal with agentctl login in it. What finds no notification server (agentd may start before
// the desktop) is shown when one comes. Offered on the bus by the daemon's Connection.

#include "agentd/notifications/notice.hpp"
#include "async/task_group.hpp"
#include "ipc/dbus/connection.hpp"
#include "ipc/messages/agent_commands.hpp"

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <string>

namespace agentd {

class Notifications final : public ipc::dbus::BusUser {
  public:
    struct Options {
        std::function<bool()> enabled; ///< asked for each notice
        std::string agentctl;          ///< the program that logs in
    };
    Notifications(boost::asio::any_io_executor executor, ipc::AgentCommands& commands,
                  Options options);
    ~Notifications() override;

    void start();
    boost::asio::awaitable<void> attach(sd_bus* bus, ipc::dbus::BusLoop& loop) override;
    void detach() noexcept override;
    boost::asio::awaitable<void> stop();

  private:
    struct Asked; // a Notify whose answer is on its way
    boost::asio::awaitable<void> watch_events();
    void take(const ipc::Event& event);
    void show(Notice notice);
    void shown(std::uint32_t id, Notice notice);
    void keep(Notice notice);
    void show_kept();
    void pressed(std::uint32_t id, const std::string& action);
    boost::asio::awaitable<void> act(Notice notice);
    boost::asio::awaitable<void> log_in(Notice notice);
    boost::asio::awaitable<void> reconnect(Notice notice);
    boost::asio::awaitable<agent::Status> ask_reconnect(const ipc::Proxy& proxy);
    boost::asio::awaitable<agent::Status> connect_again(const ipc::Proxy& proxy);

    ipc::AgentCommands& commands_;
    Options options_;
    Notices notices_;
    sd_bus* bus_ = nullptr;
    ipc::dbus::BusLoop* loop_ = nullptr;
    ipc::dbus::SlotPtr action_invoked_;
    ipc::dbus::SlotPtr closed_;
    ipc::dbus::SlotPtr server_came_;
    std::list<Asked> asked_;
    std::map<std::uint32_t, Notice> open_; ///< by the server's number
    std::deque<Notice> kept_;              ///< for a server that is not there yet
    agent::async::TaskGroup tasks_;
};

} // namespace agentd

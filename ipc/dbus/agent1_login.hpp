#pragma once
// A login that is being tried, and stays to be read for a while.

#include "ipc/dbus/agent1.hpp"

namespace ipc::dbus {

struct Agent1::LoginObject {
    LoginObject(sd_bus* bus, const std::string& name, LoginView view)
        : exported(std::make_unique<Exported<LoginView>>(bus, name, std::move(view))) {}
    std::unique_ptr<Exported<LoginView>> exported; ///< nullptr once its bus has gone
};

} // namespace ipc::dbus

#pragma once
// Which keyrings this machine has, in the order in which logins are tried to be kept in them.
// Called once by daemon.cpp.

#include "keyring/logins.hpp"

#include <memory>

namespace agentd {

std::unique_ptr<agent::keyring::Logins> open_logins(boost::asio::any_io_executor executor);

} // namespace agentd

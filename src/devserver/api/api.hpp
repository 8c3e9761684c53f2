#pragma once
// Api: the controller's HTTP API without HTTP: one request in, one reply out, synchronously.
// http_server.cpp feeds it.

#include "devserver/api/call.hpp"
#include "devserver/api/message.hpp"

namespace devserver {

class Api {
  public:
    Api(Store& store, ApiSettings settings) : store_(store), settings_(std::move(settings)) {}
    /// Never throws for what a client can send; a failing database becomes a 500.
    Reply handle(const HttpRequest& request);
    void set_worker_addresses(std::vector<std::string> addresses) {
        settings_.worker_addresses = std::move(addresses);
    }

  private:
    Reply route(const HttpRequest& request);
    Store& store_;
    ApiSettings settings_;
};

} // namespace devserver

#pragma once
// The worker's side of TLS: which session a client means, that session's certificate as our own,
// and the same certificate demanded of the client. One context for all connections; the choice is
// made in the ClientHello.

#include "devserver/session_authority.hpp"
#include "net/openssl.hpp"

#include <string>

namespace devserver {

class WorkerTls {
  public:
    /// `authority` must outlive the context and every connection made from it.
    explicit WorkerTls(SessionAuthority& authority);
    WorkerTls(const WorkerTls&) = delete;
    WorkerTls& operator=(const WorkerTls&) = delete;

    SSL_CTX* context() const { return context_.get(); }

  private:
    agent::Owned<SSL_CTX, SSL_CTX_free> context_;
};

/// The session a connected client proved to hold: the first DNS name of its certificate that is a
/// session id. Empty when there is none.
std::string session_of_peer(const SSL* ssl);

} // namespace devserver

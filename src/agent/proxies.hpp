#pragma once
// The running proxies by name. Each is followed by one coroutine of the agent until it ends.

#include "agent/proxy/managed_proxy.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace agent::core {

/// Where clients connect: "127.0.0.1:5432", or the Unix socket's path.
std::string place_of(const ProxyStatus& proxy);

class Proxies {
  public:
    /// nullptr: no such name.
    std::shared_ptr<ManagedProxy> find(const std::string& name) const;
    /// Who carries that session, or holds it without carrying it now.
    std::shared_ptr<ManagedProxy> holder_of(const std::string& session_id) const;
    const std::map<std::string, std::shared_ptr<ManagedProxy>>& all() const { return running_; }

    void add(std::shared_ptr<ManagedProxy> proxy);
    void remove(const ManagedProxy& proxy);

    /// What failed because of the network may work now: whoever waits for it tries again.
    void network_back();
    void logged_in();

    /// A name that is being used by a connect that has not finished.
    class Reservation {
      public:
        Reservation(Proxies& proxies, std::string name)
            : proxies_(proxies), name_(std::move(name)) {
            proxies_.reserved_.insert(name_);
        }
        ~Reservation() { proxies_.reserved_.erase(name_); }
        Reservation(const Reservation&) = delete;
        Reservation& operator=(const Reservation&) = delete;
        const std::string& name() const { return name_; }

      private:
        Proxies& proxies_;
        std::string name_;
    };
    bool taken(const std::string& name) const {
        return running_.contains(name) || reserved_.contains(name);
    }
    /// `wish` made fit for a name; with -2, -3 … when it is taken, here or by what `remembered`
    /// knows.
    std::string free_name(const std::string& wish,
                          const std::function<bool(const std::string&)>& remembered) const;

  private:
    std::map<std::string, std::shared_ptr<ManagedProxy>> running_;
    std::set<std::string> reserved_;
};

} // namespace agent::core

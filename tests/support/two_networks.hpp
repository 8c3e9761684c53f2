#pragma once
// TwoNetworks: this process in a network namespace of its own, another namespace beside it, and a
// link between them that can be cut. As root; everybody else gets a user namespace as well. Call it
// first: only a process with one thread can change its user namespace.

#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace agent::test {

class TwoNetworks {
  public:
    /// A failed check where namespaces are forbidden.
    TwoNetworks();
    TwoNetworks(const TwoNetworks&) = delete;
    TwoNetworks& operator=(const TwoNetworks&) = delete;
    ~TwoNetworks();

    const std::string& far_address() const { return far_address_; }
    /// A process in the far network, for setns().
    pid_t far_process() const { return far_; }
    /// Begins a command that shall run in the far network.
    std::vector<std::string> far_prefix() const;
    /// Runs `work` on a thread in the far network; the threads it starts and its sockets stay
    /// there.
    void in_far(const std::function<void()>& work) const;

    /// Our end goes down, as when a cable is pulled: there is no route any more.
    void cut() const { near_link("down"); }
    void mend() const { near_link("up"); }
    /// The far end goes down: packets get lost on the way.
    void cut_far() const { far_link("down"); }
    void mend_far() const { far_link("up"); }

  private:
    void near_link(const std::string& state) const;
    void far_link(const std::string& state) const;

    pid_t far_ = -1; ///< lives in the far network and does nothing
    std::string far_address_ = "10.77.0.2";
};

} // namespace agent::test

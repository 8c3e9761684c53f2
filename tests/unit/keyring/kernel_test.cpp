// The kernel's keyring in the sessions that people and services have: with and without a way to the
// user's keyring.

#include "base/random.hpp"
#include "keyring/kernel.hpp"
#include "support/catch.hpp"

#include <keyutils.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

using namespace agent;
using namespace agent::keyring;

namespace {

constexpr uid_t somebody = 54'322; // whom nobody else on this machine is
const Key one{"http://127.0.0.1:9200", "default"};

/// An ordinary user, where we may become one.
uid_t our_user() {
    return ::geteuid() == 0 ? somebody : ::geteuid();
}
bool become(uid_t user) {
    return user == ::geteuid() ||
           (::setresgid(user, user, user) == 0 && ::setresuid(user, user, user) == 0);
}

/// A process of the user's that lives meanwhile: the user's keyring may end with the last one.
class SomeProcess {
  public:
    SomeProcess() {
        REQUIRE(::pipe(ends_) == 0);
        pid_ = ::fork();
        if (pid_ == 0) {
            char none = 0;
            ::close(ends_[1]);
            const bool ready =
                become(our_user()) && ::keyctl_get_keyring_ID(KEY_SPEC_USER_KEYRING, 1) > 0;
            ::_exit(ready && ::read(ends_[0], &none, 1) == 0 ? 0 : 1);
        }
    }
    ~SomeProcess() {
        ::close(ends_[1]);
        ::waitpid(pid_, nullptr, 0);
        ::close(ends_[0]);
    }

  private:
    int ends_[2] = {};
    pid_t pid_ = -1;
};

/// A process with a session keyring of the kind named. Its exit status is what `work` returns.
int in_session(const std::string& session, const std::function<int()>& work) {
    const uid_t user = our_user();
    const pid_t child = ::fork();
    if (child == 0) {
        // As su from such a session leaves it: the keyring is of whoever was there before.
        if (session == "somebody else's" && ::keyctl_join_session_keyring("theirs") < 0)
            ::_exit(90);
        if (!become(user)) ::_exit(91);
        if (session == "of its own" && ::keyctl_join_session_keyring(nullptr) < 0) ::_exit(92);
        if (session == "revoked" &&
            (::keyctl_join_session_keyring(nullptr) < 0 ||
             ::keyctl_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING) != 0 ||
             ::keyctl_revoke(KEY_SPEC_SESSION_KEYRING) != 0))
            ::_exit(93);
        ::_exit(work());
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

} // namespace

TEST_CASE("kernel keyring: what one process keeps, another finds, whatever session keyring either "
          "of them has") {
    const auto stored_in =
        GENERATE(as<std::string>{}, "the usual", "of its own", "somebody else's", "revoked");
    const auto read_in =
        GENERATE(as<std::string>{}, "the usual", "of its own", "somebody else's", "revoked");
    INFO("kept in a session that is " << stored_in << ", looked for in one that is " << read_in);
    const std::string prefix = "test:" + random_base62(8) + ":";
    const Secret secret("hunter2");
    const SomeProcess lives;
    CHECK(in_session(stored_in, [&] {
              KernelKeyring keyring(prefix);
              if (!keyring.probe()) return 1;
              return keyring.store(one, secret, wall_now() + std::chrono::minutes(1)) ? 0 : 2;
          }) == 0);
    CHECK(in_session(read_in, [&] {
              KernelKeyring keyring(prefix);
              const auto all = keyring.list();
              if (all.size() != 1 || all[0].address != one.address ||
                  all[0].token_name != one.token_name)
                  return 1;
              const auto found = keyring.load(one);
              if (!found || !found->has_value() || !(**found == secret)) return 2;
              // It can be replaced and removed as well.
              if (!keyring.store(one, Secret("hunter3"), std::nullopt)) return 3;
              const auto removed = keyring.remove(one);
              return removed && *removed && keyring.list().empty() ? 0 : 4;
          }) == 0);
}

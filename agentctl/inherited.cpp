#include "agentctl/inherited.hpp"

#include <sys/stat.h>

#include <csignal>
#include <optional>

namespace agentctl {
namespace {

std::optional<mode_t> inherited_umask; // none: it is what it was

} // namespace

void keep_files_private() {
    inherited_umask = ::umask(077);
}

InheritedUmask::InheritedUmask() {
    if (inherited_umask) ::umask(*inherited_umask);
}

InheritedUmask::~InheritedUmask() {
    if (inherited_umask) ::umask(077);
}

void restore_inherited() {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    std::signal(SIGPIPE, SIG_DFL);
    if (inherited_umask) ::umask(*inherited_umask);
}

} // namespace agentctl

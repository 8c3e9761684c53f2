#include "confine/filter.hpp"

#include "base/log.hpp"

#include <cerrno>
#include <system_error>

namespace agent::confine {

Filter::Filter(std::uint32_t otherwise) : context_(::seccomp_init(otherwise)) {
    if (context_ == nullptr) return;
    // Calls in the convention of another architecture (x32, 32 bits) would be other calls by the
    // same numbers.
    note(::seccomp_attr_set(context_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
    note(::seccomp_attr_set(context_, SCMP_FLTATR_CTL_TSYNC, 1));
    note(::seccomp_attr_set(context_, SCMP_FLTATR_CTL_OPTIMIZE,
                            2)); // a tree: few steps for every call
}

Filter::~Filter() {
    if (context_ != nullptr) ::seccomp_release(context_);
}

void Filter::note(int result) {
    if (result != 0 && problem_ == 0) problem_ = -result;
}

void Filter::add(std::uint32_t action, const char* call, std::initializer_list<scmp_arg_cmp> when) {
    if (context_ == nullptr) return;
    const int number = ::seccomp_syscall_resolve_name(call);
    if (number < 0) return;
    note(::seccomp_rule_add_array(context_, action, number, static_cast<unsigned>(when.size()),
                                  when.begin()));
}

void Filter::add(std::uint32_t action, std::span<const char* const> calls) {
    for (const char* call : calls) add(action, call);
}

void Filter::load() {
    if (context_ == nullptr) problem_ = ENOMEM;
    if (problem_ == 0) note(::seccomp_load(context_));
    if (problem_ == 0) return;
    static bool told = false; // of the first; the others fail for the same reason
    if (!told)
        log::warning("confinement: no seccomp filter here: {}",
                     std::generic_category().message(problem_));
    told = true;
}

} // namespace agent::confine

// old_kernel PROGRAM [ARGUMENT…]: runs it as a kernel without Landlock and seccomp would, for it
// and its children.

#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

int main(int, char** argv) {
    const scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
    for (const char* call :
         {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp"})
        if (::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), ::seccomp_syscall_resolve_name(call),
                               0) != 0)
            return 4;
    const scmp_arg_cmp set_seccomp{0, SCMP_CMP_EQ, PR_SET_SECCOMP, 0};
    const int prctl = ::seccomp_syscall_resolve_name("prctl");
    if (::seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EINVAL), prctl, 1, &set_seccomp) != 0)
        return 4;
    if (::seccomp_load(filter) != 0) return 4;
    ::seccomp_release(filter);
    ::execv(argv[1], argv + 1);
    return 4;
}

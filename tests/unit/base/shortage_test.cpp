// What this machine lacks: what people read of it, and what is kept for that moment.

#include "base/caught.hpp"
#include "base/memory_reserve.hpp"
#include "base/result.hpp"
#include "base/spare_files.hpp"
#include "base/unique_fd.hpp"
#include "support/catch.hpp"

#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

#include <fcntl.h>
#include <sys/resource.h>

#include <cerrno>
#include <memory>
#include <new>
#include <system_error>
#include <vector>

using namespace agent;

namespace {

template <class Throw> Error error_of(Throw what) {
    try {
        what();
    } catch (...) {
        return caught();
    }
    return {};
}

/// Every descriptor that this process may still have.
std::vector<UniqueFd> take_all() {
    std::vector<UniqueFd> taken;
    for (;;) {
        UniqueFd one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (!one) return taken;
        taken.push_back(std::move(one));
    }
}

} // namespace

TEST_CASE("caught: a lack of descriptors or memory is told with a next step, without any library's "
          "file") {
    const boost::system::error_code full(EMFILE, boost::system::system_category());
    const auto of_asio = error_of([&] {
        boost::throw_exception(boost::system::system_error(full, "open"), BOOST_CURRENT_LOCATION);
    });
    CHECK(of_asio.code == Errc::environment);
    CHECK(of_asio.message == "open: too many open files");
    CHECK(of_asio.hint.find("ulimit -n") != std::string::npos);
    const auto of_std = error_of([] { throw std::system_error(ENOMEM, std::generic_category()); });
    CHECK(of_std.message == "cannot allocate memory");
    CHECK_FALSE(of_std.hint.empty());
    const auto no_memory = error_of([] { throw std::bad_alloc(); });
    CHECK(no_memory.code == Errc::environment);
    CHECK(no_memory.message == "out of memory");
}

TEST_CASE(
    "caught: our own errors come out as they are, a cancel is one, and what is left is a bug") {
    CHECK(error_of([] {
              throw ErrorException(fail(Errc::login_needed, Hop::login, "no login"));
          }).code == Errc::login_needed);
    const boost::system::error_code ended(ECANCELED, boost::system::system_category());
    CHECK(error_of([&] { throw boost::system::system_error(ended); }).code == Errc::canceled);
    CHECK(error_of([] { throw std::out_of_range("map::at"); }).code == Errc::internal);
    CHECK(error_of([] { throw 5; }).code == Errc::internal);
    CHECK(is_shortage(std::bad_alloc()));
    CHECK_FALSE(is_shortage(std::out_of_range("map::at")));
}

TEST_CASE("errors: a program that cannot be started for want of processes says what to do") {
    const auto error = fail_start(Errc::proxy_failed, Hop::local, "start agent-proxy", EAGAIN);
    CHECK(error.message == "start agent-proxy: no more processes");
    CHECK(error.hint.find("ulimit -u") != std::string::npos);
    CHECK(fail_start(Errc::proxy_failed, Hop::local, "start x", ENOENT).message ==
          "start x: no such file or directory");
}

TEST_CASE("spare files: a full table has room for as long as they are lent, and they come back") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit few = before;
    few.rlim_cur = 128;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    keep_spare_files(8);
    auto all = take_all();
    // Looked at when the table has room again: a sanitizer wants a descriptor for its own checks.
    const bool one_more = bool(UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)));
    std::vector<std::size_t> counts;
    for (int round = 0; round < 3; ++round) {
        const SpareFiles spare(6);
        counts.push_back(spare.count());
        counts.push_back(take_all().size());
        const SpareFiles more(6);
        counts.push_back(more.count());
    }
    {
        const SpareFiles spare(8);
        all.push_back(UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC))); // somebody keeps one
    }
    counts.push_back(SpareFiles(8).count());
    all.clear();
    CHECK_FALSE(one_more);
    CHECK(counts == std::vector<std::size_t>{6, 6, 2, 6, 6, 2, 6, 6, 2, 7});
    CHECK(SpareFiles(8).count() == 8); // there is room again
    keep_spare_files(0);
    CHECK(SpareFiles(8).count() == 0);
    ::setrlimit(RLIMIT_NOFILE, &before);
}

#ifndef __SANITIZE_ADDRESS__ // it ends a program whose allocation fails
TEST_CASE("memory reserve: the allocation that fails fails, and there is memory to tell so") {
    keep_memory_reserve();
    CHECK_THROWS_AS(std::make_unique<char[]>(std::size_t(1) << 60U), std::bad_alloc);
    refill_memory_reserve();
    CHECK_THROWS_AS(std::make_unique<char[]>(std::size_t(1) << 60U), std::bad_alloc);
    refill_memory_reserve();
    std::set_new_handler(nullptr);
}
#endif

// GCC 12.2 destroys some temporaries of a co_await expression twice. These are the forms this
// project uses; under the asan preset this file fails if one of them stops being safe.

#include "base/result.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"

#include <memory>
#include <string>

using namespace agent;

namespace {

struct Request {
    std::string target;
    std::string host;
};

awaitable<Result<std::string>> answer(Request request) {
    co_return request.target + "/" + request.host;
}

awaitable<Result<std::string>> refuse(std::string what) {
    co_return fail(Errc::timed_out, Hop::worker,
                   what + ": a message long enough to live on the heap");
}

template <class Work> awaitable<std::string> call(Work work) {
    co_return co_await work();
}

} // namespace

TEST_CASE("gcc12: name it, then await it") {
    const auto text = test::run([](boost::asio::io_context&) -> awaitable<std::string> {
        Request request;
        request.target = "a target whose name does not fit the small buffer";
        request.host = "a host whose name does not fit the small buffer";
        auto first = co_await answer(std::move(request));
        if (!first) co_return "unexpected";

        auto captured = std::make_shared<std::string>(*first);
        auto work = [captured]() -> awaitable<std::string> { co_return *captured; };
        auto second = co_await call(std::move(work));

        auto third = co_await refuse(std::string("dial some.very.long.name.example.org:9202"));
        co_return second + "|" + third.error().message;
    });
    CHECK(text ==
          "a target whose name does not fit the small buffer/a host whose name does not fit the "
          "small buffer|"
          "dial some.very.long.name.example.org:9202: a message long enough to live on the heap");
}

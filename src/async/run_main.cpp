#include "async/run_main.hpp"

#include "async/caught.hpp"

#include <boost/asio/co_spawn.hpp>

namespace agent::async {

Status run_main(awaitable<void> program) {
    boost::asio::io_context context(1);
    Status status;
    const auto finished = [&status](std::exception_ptr problem) {
        if (!problem) return;
        try {
            std::rethrow_exception(problem);
        } catch (...) {
            status = caught();
        }
    };
    boost::asio::co_spawn(context, std::move(program), finished);
    run(context);
    return status;
}

} // namespace agent::async

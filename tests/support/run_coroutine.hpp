#pragma once
// run(coroutine): drives one coroutine to its end on an io_context of its own and gives back its
// value.

#include "async/token.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <functional>
#include <optional>
#include <type_traits>

namespace agent::test {

/// `make` gets the io_context and returns the coroutine; exceptions come out here.
template <class Make> auto run(Make make) {
    boost::asio::io_context context;
    auto work = make(context);
    using T = typename decltype(work)::value_type;
    std::exception_ptr problem;
    if constexpr (std::is_void_v<T>) {
        boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr e) { problem = e; });
        context.run();
        if (problem) std::rethrow_exception(problem);
    } else {
        std::optional<T> result;
        boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr e, T value) {
            problem = e;
            if (!e) result.emplace(std::move(value));
        });
        context.run();
        if (problem) std::rethrow_exception(problem);
        return std::move(*result);
    }
}

} // namespace agent::test

#pragma once
// Where a coroutine's exception ends, and what the loop does with one that ends nowhere.
// base/caught.hpp says what they mean; in here is what Asio adds.

#include "base/caught.hpp"
#include "base/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/multiple_exceptions.hpp>

#include <exception>

namespace agent::async {

/// agent::caught(), and of two coroutines that failed together the first one's. Only inside a catch
/// block.
inline Error caught() {
    try {
        throw;
    } catch (const boost::asio::multiple_exceptions& both) {
        try {
            std::rethrow_exception(both.first_exception());
        } catch (...) {
            return agent::caught();
        }
    } catch (...) {
        return agent::caught();
    }
}

/// context.run(), and a lack of memory or of descriptors does not end it: who was to get them has
/// failed, the others go on. Whatever else comes out is a bug, and ends the process as loudly as it
/// can.
inline void run(boost::asio::io_context& context) {
    for (;;) try {
            context.run();
            return;
        } catch (const std::exception& problem) {
            if (!is_shortage(problem)) throw;
            log::error("going on after: {}", problem.what()); // a sentence might find no memory
        }
}

} // namespace agent::async

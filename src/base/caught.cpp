#include "base/caught.hpp"

#include "base/result.hpp"

#include <boost/system/system_error.hpp>

#include <cerrno>
#include <new>
#include <system_error>

namespace agent {
namespace {

/// Other categories have numbers of their own.
int number_of(const boost::system::system_error& e) {
    return e.code().category() == boost::system::system_category() ? e.code().value() : 0;
}
int number_of(const std::system_error& e) {
    const auto& category = e.code().category();
    return category == std::system_category() || category == std::generic_category()
               ? e.code().value()
               : 0;
}

// what() is "open: Too many open files [system:24 at /usr/include/boost/…]": what is before the
// message is worth telling, what is behind it is not.
template <class SystemError> Error environment(const SystemError& problem) {
    if (problem.code() == std::errc::operation_canceled)
        return fail(Errc::canceled, Hop::agent, "canceled");
    const std::string what = problem.what();
    const std::string message = problem.code().message();
    const auto before = what.find(": " + message);
    const std::string prefix = before == std::string::npos ? "" : what.substr(0, before + 2);
    const int number = number_of(problem);
    return fail(Errc::environment, Hop::agent, prefix + lowered(message), errno_hint(number));
}

Error bug(std::string what) {
    return fail(Errc::internal, Hop::agent, std::move(what));
}

bool means_shortage(int number) {
    return number == EMFILE || number == ENFILE || number == ENOMEM || number == ENOBUFS ||
           number == EAGAIN;
}

} // namespace

Error caught() {
    try {
        throw;
    } catch (const ErrorException& e) {
        return e.error();
    } catch (const boost::system::system_error& e) {
        return environment(e);
    } catch (const std::system_error& e) {
        return environment(e);
    } catch (const std::bad_alloc&) {
        return fail(Errc::environment, Hop::agent, "out of memory", errno_hint(ENOMEM));
    } catch (const std::exception& e) {
        return bug(e.what());
    } catch (...) {
        return bug("something was thrown that is no exception");
    }
}

std::string one_line(const Error& error) {
    return error.hint.empty() ? error.message : error.message + "; " + error.hint;
}

std::string caught_text() {
    return one_line(caught());
}

bool is_shortage(const std::exception& problem) {
    if (dynamic_cast<const std::bad_alloc*>(&problem) != nullptr) return true;
    if (const auto* of_boost = dynamic_cast<const boost::system::system_error*>(&problem))
        return means_shortage(number_of(*of_boost));
    const auto* of_std = dynamic_cast<const std::system_error*>(&problem);
    return of_std != nullptr && means_shortage(number_of(*of_std));
}

} // namespace agent

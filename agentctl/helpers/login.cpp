#include "agentctl/helpers/login.hpp"

namespace agentctl::helpers {

agent::Result<Login> take_login(Given& given, Lines lines) {
    Login login;
    login.user = given.options.username.value_or("");
    Credential* one = given.credentials.first(Kind::username_password);
    if (one != nullptr) {
        if (auto fits = fit_username(one->username); !fits) return fits.error();
        login.user = one->username;
    } else {
        one = given.credentials.first(Kind::password);
    }
    if (one == nullptr) return login;
    if (auto fits = fit_secret(one->secret.reveal(), lines); !fits) return fits.error();
    login.password = one->secret;
    one->consumed = true;
    return login;
}

void warn_without_dbname(const Given& given, Launch& launch, std::string_view program) {
    if (given.options.dbname || !given.credentials.has_password()) return;
    launch.warnings.push_back(
        "Credentials are brokered, and no -dbname is given: " + std::string(program) +
        " may take another word for the database's name.");
}

} // namespace agentctl::helpers

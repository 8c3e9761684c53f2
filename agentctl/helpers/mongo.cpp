#include "agentctl/helpers/login.hpp"
#include "agentctl/helpers/table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace agentctl::helpers {
namespace {

// What logs in, in mongosh's own language. JSON's texts are JavaScript's, but for two line ends.
std::string login_script(const std::string& database, const Login& login) {
    agent::Json words =
        agent::Json::array({database, login.user, std::string(login.password->reveal())});
    std::string text = words.dump(-1, ' ', true); // ASCII alone
    agent::wipe(words);
    std::string script = "(([database, user, password]) => "
                         "{ db.getSiblingDB(database).auth(user, password); })(" +
                         text + ");\n";
    agent::wipe(text);
    return script;
}

// The user's own words say that it is to run something and end, which our script must not change.
bool runs_something(const std::vector<std::string>& passthrough) {
    return std::ranges::any_of(passthrough, [](const std::string& word) {
        return word.starts_with("--eval") || word.starts_with("--file") || word == "-f" ||
               word.ends_with(".js") || word.ends_with(".mongodb") || word == "--shell";
    });
}

agent::Status prepare_mongo(Given& given, Launch& launch) {
    warn_without_dbname(given, launch, "mongosh");
    const auto login = take_login(given, Lines::allowed);
    if (!login) return login.error();
    const auto& database = given.options.dbname;
    launch.words = {"--port", given.port(), "--host", given.ip()};
    if (database) launch.add({*database});
    if (!login->password || login->user.empty()) {
        if (!login->user.empty()) launch.add({"-u", login->user});
        if (given.options.authentication_database)
            launch.add({"--authenticationDatabase", *given.options.authentication_database});
        if (login->password)
            return cannot_collect("a password is brokered without a user name", "Give -username.");
        return {};
    }
    // --authenticationDatabase, else the database that is opened, is where users are looked for.
    const std::string source =
        given.options.authentication_database.value_or(database.value_or("admin"));
    std::string script = login_script(source, *login);
    auto file = SecretFile::holding(script);
    agent::wipe(script);
    if (!file) return file.error();
    // In front, so that it has logged in before anything of the user's runs.
    launch.first = {"--eval", "load(\"" + file->path() + "\")"};
    if (!runs_something(given.passthrough)) launch.first.emplace_back("--shell");
    launch.files.push_back(std::move(*file));
    return {};
}

} // namespace

const Helper mongo{
    "mongo",
    "agentctl connect mongo -target-id ttcp_1234567890 -dbname app",
    {{"mongosh", {"mongosh"}}},
    {style_flag("How to talk to it: mongosh.", "BOUNDARY_CONNECT_MONGO_STYLE"),
     username_flag(),
     dbname_flag(),
     {"authentication-database", &HelperOptions::authentication_database,
      "The database that knows the user.", "BOUNDARY_CONNECT_MONGO_AUTHENTICATION_DATABASE"}},
    prepare_mongo,
    false,
    true};

} // namespace agentctl::helpers

#include "agentctl/helpers/login.hpp"
#include "agentctl/helpers/table.hpp"

namespace agentctl::helpers {
namespace {

// Its reader takes the spaces around a value away, and has no quotes.
bool keeps_its_ends(std::string_view password) {
    constexpr std::string_view space = " \t\v\f";
    return password.empty() || (space.find(password.front()) == std::string_view::npos &&
                                space.find(password.back()) == std::string_view::npos);
}

agent::Status prepare_cassandra(Given& given, Launch& launch) {
    if (!given.options.keyspace && given.credentials.has_password())
        launch.warnings.emplace_back("Credentials are brokered, and no -keyspace is given: cqlsh "
                                     "may take another word for the keyspace's name.");
    const auto login = take_login(given, Lines::refused);
    if (!login) return login.error();
    if (!login->user.empty()) launch.add({"-u", login->user});
    if (given.options.keyspace) launch.add({"-k", *given.options.keyspace});
    if (login->password) {
        if (!keeps_its_ends(login->password->reveal()))
            return cannot_collect("the brokered password begins or ends with a space, which "
                                  "cqlsh's file has no way to write");
        std::string text = "[PlainTextAuthProvider]\npassword = ";
        text += login->password->reveal();
        auto file = SecretFile::holding(text);
        agent::wipe(text);
        if (!file) return file.error();
        launch.add({"--credentials", file->path()});
        launch.files.push_back(std::move(*file));
    }
    launch.add({given.ip(), given.port()});
    return {};
}

} // namespace

const Helper cassandra{
    "cassandra",
    "agentctl connect cassandra -target-id ttcp_1234567890 -keyspace app",
    {{"cqlsh", {"cqlsh"}}},
    {style_flag("How to talk to it: cqlsh.", "BOUNDARY_CONNECT_CASSANDRA_STYLE"),
     username_flag(),
     {"keyspace", &HelperOptions::keyspace, "The keyspace to use.", "BOUNDARY_CONNECT_KEYSPACE"}},
    prepare_cassandra};

} // namespace agentctl::helpers

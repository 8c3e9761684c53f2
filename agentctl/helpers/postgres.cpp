#include "agentctl/helpers/login.hpp"
#include "agentctl/helpers/postgres_passfile.hpp"
#include "agentctl/helpers/table.hpp"

namespace agentctl::helpers {

std::string pgpass_line(std::string_view password) {
    std::string line = "*:*:*:*:";
    for (const char c : password) {
        if (c == ':' || c == '\\') line += '\\';
        line += c;
    }
    return line;
}

namespace {

agent::Status prepare_postgres(Given& given, Launch& launch) {
    warn_without_dbname(given, launch, "psql");
    const auto login = take_login(given, Lines::refused);
    if (!login) return login.error();
    launch.without.emplace_back("PGHOSTADDR"); // would lead elsewhere, and the password with it
    launch.words = {"-p", given.port(), "-h", given.ip()};
    if (given.options.dbname) launch.add({"-d", *given.options.dbname});
    if (!login->user.empty()) launch.add({"-U", login->user});
    if (!login->password) return {};
    std::string line = pgpass_line(login->password->reveal());
    auto file = SecretFile::holding(line);
    agent::wipe(line);
    if (!file) return file.error();
    launch.environment.push_back("PGPASSFILE=" + file->path());
    // Would be taken instead: the one that was brokered for this session is meant.
    launch.without.emplace_back("PGPASSWORD");
    launch.files.push_back(std::move(*file));
    return {};
}

} // namespace

const Helper postgres{
    "postgres",
    "agentctl connect postgres -target-id ttcp_1234567890 -dbname app -- -c 'select 1'",
    {{"psql", {"psql"}}},
    {style_flag("How to talk to it: psql.", "BOUNDARY_CONNECT_POSTGRES_STYLE"), username_flag(),
     dbname_flag()},
    prepare_postgres};

} // namespace agentctl::helpers

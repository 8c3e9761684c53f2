#include "agentctl/helpers/login.hpp"
#include "agentctl/helpers/mysql_options.hpp"
#include "agentctl/helpers/table.hpp"

namespace agentctl::helpers {

std::string mysql_option_file(std::string_view password) {
    std::string text = "[client]\npassword=\"";
    for (const char c : password) switch (c) {
        case '\n':
            text += "\\n";
            break;
        case '\r':
            text += "\\r";
            break;
        case '\t':
            text += "\\t";
            break;
        case '\b':
            text += "\\b";
            break;
        case '\\':
            text += "\\\\";
            break;
        case '"':
            text += "\\\"";
            break;
        default:
            text += c;
        }
    return text + "\"\n";
}

namespace {

constexpr std::size_t longest_option_line = 4000; // its readers stop at 4096

agent::Status prepare_mysql(Given& given, Launch& launch) {
    warn_without_dbname(given, launch, "mysql");
    const auto login = take_login(given, Lines::allowed);
    if (!login) return login.error();
    if (login->password) {
        std::string text = mysql_option_file(login->password->reveal());
        if (text.size() > longest_option_line) {
            agent::wipe(text);
            return cannot_collect("the brokered password is too long for mysql's option file");
        }
        auto file = SecretFile::holding(text);
        agent::wipe(text);
        if (!file) return file.error();
        launch.first = {"--defaults-file=" + file->path()};
        launch.files.push_back(std::move(*file));
    } else {
        launch.words = {"-p"};
    }
    launch.add({"-P", given.port(), "-h", given.ip()});
    if (given.options.dbname) launch.add({"-D", *given.options.dbname});
    if (!login->user.empty()) launch.add({"-u", login->user});
    return {};
}

} // namespace

const Helper mysql{"mysql",
                   "agentctl connect mysql -target-id ttcp_1234567890 -dbname app -- -e 'select 1'",
                   {{"mysql", {"mysql", "mariadb"}}},
                   {style_flag("How to talk to it: mysql.", "BOUNDARY_CONNECT_MYSQL_STYLE"),
                    username_flag(), dbname_flag()},
                   prepare_mysql};

} // namespace agentctl::helpers
